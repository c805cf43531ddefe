// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import org.jtgt.admin.Admin;
import org.jtgt.admin.Bundles;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * The commands as Gogo functions of scope {@code tgt}, and their completion. The exit status of the
 * last one stands in the session's variable {@code tgt.status}.
 */
@Component(
    service = {TgtCommands.class, Completer.class},
    property = {
      "osgi.command.scope=tgt",
      "osgi.command.function=create",
      "osgi.command.function=list",
      "osgi.command.function=show",
      "osgi.command.function=set",
      "osgi.command.function=rm",
      "osgi.command.function=types",
      "osgi.command.function=map",
      "osgi.command.function=unmap",
      "osgi.command.function=snapshot",
      "osgi.command.function=snapshots",
      "osgi.command.function=clone",
      "osgi.command.function=rollback",
      "osgi.command.function=discard",
      "osgi.command.function=commit",
      "osgi.command.function=sessions",
      "osgi.command.function=stats",
      "osgi.command.function=install",
      "osgi.command.function=update",
      "osgi.command.function=uninstall",
      "osgi.command.function=help"
    })
public final class TgtCommands implements Completer {
  private static final String STATUS = "tgt.status";
  private static final long PAUSE_MILLISECONDS = 50;

  private final Commands commands;
  private final Completion completion;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  private volatile @Nullable Bundles bundles;

  @Activate
  public TgtCommands(BundleContext context, @Reference Admin admin) {
    Optional<Path> state =
        Optional.ofNullable(context.getProperty("org.jtgt.state.dir")).map(Path::of);
    commands =
        new Commands(
            admin,
            new Disks(admin, state),
            new Settling(admin, PAUSE_MILLISECONDS),
            () -> Optional.ofNullable(bundles),
            notice -> print(System.err, notice));
    completion = new Completion(admin);
  }

  @Descriptor("makes an object: create TYPE NAME [KEY=VALUE]...")
  public void create(CommandSession session, String... words) {
    run(session, "create", words);
  }

  @Descriptor("lists objects with their state")
  public void list(CommandSession session, String... words) {
    run(session, "list", words);
  }

  @Descriptor("shows all of one object")
  public void show(CommandSession session, String... words) {
    run(session, "show", words);
  }

  @Descriptor("changes keys of an object in place")
  public void set(CommandSession session, String... words) {
    run(session, "set", words);
  }

  @Descriptor("removes objects")
  public void rm(CommandSession session, String... words) {
    run(session, "rm", words);
  }

  @Descriptor("lists what can be made, or the keys of a type")
  public void types(CommandSession session, String... words) {
    run(session, "types", words);
  }

  @Descriptor("maps a logical unit into a target")
  public void map(CommandSession session, String... words) {
    run(session, "map", words);
  }

  @Descriptor("takes a LUN out of a target")
  public void unmap(CommandSession session, String... words) {
    run(session, "unmap", words);
  }

  @Descriptor("takes snapshots of disks in use: snapshot DISK@SNAPSHOT...")
  public void snapshot(CommandSession session, String... words) {
    run(session, "snapshot", words);
  }

  @Descriptor("lists snapshots")
  public void snapshots(CommandSession session, String... words) {
    run(session, "snapshots", words);
  }

  @Descriptor("makes a disk of a snapshot: clone DISK@SNAPSHOT NAME")
  public void clone(CommandSession session, String... words) {
    run(session, "clone", words);
  }

  @Descriptor("makes a disk what it was: rollback DISK@SNAPSHOT")
  public void rollback(CommandSession session, String... words) {
    run(session, "rollback", words);
  }

  @Descriptor("throws away what lies over a disk's base")
  public void discard(CommandSession session, String... words) {
    run(session, "discard", words);
  }

  @Descriptor("moves what lies over a disk's base into it")
  public void commit(CommandSession session, String... words) {
    run(session, "commit", words);
  }

  @Descriptor("lists the iSCSI sessions")
  public void sessions(CommandSession session, String... words) {
    run(session, "sessions", words);
  }

  @Descriptor("shows counters of live objects")
  public void stats(CommandSession session, String... words) {
    run(session, "stats", words);
  }

  @Descriptor("installs a bundle: install JAR")
  public void install(CommandSession session, String... words) {
    run(session, "install", words);
  }

  @Descriptor("replaces a bundle while initiators work: update JAR [--force]")
  public void update(CommandSession session, String... words) {
    run(session, "update", words);
  }

  @Descriptor("takes an installed bundle away")
  public void uninstall(CommandSession session, String... words) {
    run(session, "uninstall", words);
  }

  @Descriptor("explains a command")
  public void help(CommandSession session, String... words) {
    run(session, "help", words);
  }

  private void run(CommandSession session, String command, String[] words) {
    Commands.Answer answer = commands.run(command, List.of(words));
    session.put(STATUS, answer.status());
    // Gogo gives each command of a pipe its own standard streams.
    print(System.out, answer.output());
    print(System.err, answer.errors());
  }

  private static void print(PrintStream stream, String text) {
    stream.print(text);
    stream.flush();
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    List<String> before =
        line.words().subList(0, Math.min(line.wordIndex(), line.words().size())).stream()
            .map(word -> word.replaceFirst("^tgt:", ""))
            .toList();
    String word = line.word().substring(0, Math.min(line.wordCursor(), line.word().length()));
    Map<String, String> found = completion.candidates(before, word);
    found.forEach((value, description) ->
        candidates.add(
            new Candidate(
                value,
                value,
                null,
                description.isEmpty() ? null : description,
                null,
                null,
                !value.endsWith("=") && !value.endsWith("@"))));
  }
}
