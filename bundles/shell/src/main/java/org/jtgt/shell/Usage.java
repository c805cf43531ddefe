// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What each command does, how it is written, and examples that work. */
final class Usage {
  /**
   * @param summary one line
   * @param forms how it is written
   * @param text more about it; may be empty
   * @param examples lines to type
   */
  record Page(String summary, List<String> forms, String text, List<String> examples) {}

  static final Map<String, Page> PAGES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "create",
                  new Page(
                      "makes an object",
                      List.of(
                          "create TYPE NAME [KEY=VALUE]...",
                          "create disk NAME size=SIZE [type=TYPE] [target=TARGET] [lun=LUN]"
                              + " [KEY=VALUE]..."),
                      """
                      TYPE is one of `types`; its keys: `types TYPE`. A list is comma-separated.
                      `create disk` makes a store, a logical unit on it and its LUN in a target, all
                      or nothing: type is the store's type (file), target a target's name or iSCSI
                      name (a new one called NAME), lun the LUN (the lowest free one). Other keys go
                      to the store or the logical unit. A file store without path is made in the
                      state folder.
                      """,
                      List.of(
                          "create disk disk1 size=1G",
                          "create disk disk2 size=10G target=iqn.2026-11.org.example:disks",
                          "create file store1 path=/srv/store1.img size=100G",
                          "create lu lu1 store=store1 blockSize=4096",
                          "create target iqn.2026-11.org.example:disks luns=0:lu1",
                          "create portal main address=0.0.0.0 port=3260"))),
              Map.entry(
                  "list",
                  new Page(
                      "lists objects with their state",
                      List.of("list [CATEGORY | TYPE]"),
                      "CATEGORY is store, lu, target, portal or settings.\n",
                      List.of("list", "list lu", "list file"))),
              Map.entry(
                  "show",
                  new Page(
                      "shows all of one object",
                      List.of("show TYPE NAME"),
                      "TYPE may also be a category.\n",
                      List.of("show lu disk1", "show target iqn.2026-11.org.example:disks"))),
              Map.entry(
                  "set",
                  new Page(
                      "changes keys of an object in place",
                      List.of("set TYPE NAME KEY=VALUE..."),
                      """
                      An empty VALUE gives the key up: its default counts again. The object of a file
                      is changed together with its file.
                      """,
                      List.of(
                          "set lu disk1 readOnly=true",
                          "set lu disk1 readOnly=",
                          "set settings scsi transferBudget=512M"))),
              Map.entry(
                  "rm",
                  new Page(
                      "removes objects",
                      List.of("rm TYPE NAME... [--force]", "rm disk NAME... [--force]"),
                      """
                      What is in use is removed only with --force. The object of a file is removed
                      together with its file. `rm disk` takes a logical unit out of its targets and
                      removes it with its store, and the target that has no LUN then and is called
                      as the disk. Data is never deleted.
                      """,
                      List.of("rm lu lu1", "rm disk disk1", "rm target disk1 --force"))),
              Map.entry(
                  "types",
                  new Page(
                      "lists what can be made, or the keys of a type",
                      List.of("types [TYPE]"),
                      "",
                      List.of("types", "types file"))),
              Map.entry(
                  "map",
                  new Page(
                      "maps a logical unit into a target",
                      List.of("map TARGET LU [LUN]"),
                      "Without LUN the lowest free one is taken. No session is dropped.\n",
                      List.of("map example disk1", "map example disk1 7"))),
              Map.entry(
                  "unmap",
                  new Page(
                      "takes a LUN out of a target",
                      List.of("unmap TARGET LUN|LU [--force]"),
                      "",
                      List.of("unmap example 7", "unmap example disk1 --force"))),
              Map.entry(
                  "snapshot",
                  new Page(
                      "takes snapshots of disks in use",
                      List.of("snapshot DISK@SNAPSHOT... [path=FOLDER] [limit=SIZE]"),
                      """
                      DISK is a logical unit, or a store that none uses. Several are taken at one
                      moment. A snapshot holds what was acknowledged before (crash-consistent). A
                      disk whose store keeps no snapshots first gets an overlay (DISK.cow): from
                      then on what is written lies in its folder, path (in the state folder), at
                      most limit; `commit DISK --detach` undoes it. `rm snapshot DISK@SNAPSHOT`
                      gives a snapshot up.
                      """,
                      List.of(
                          "snapshot disk1@monday",
                          "snapshot disk1@monday disk2@monday",
                          "snapshot disk1@monday path=/srv/disk1.cow limit=20G",
                          "rm snapshot disk1@monday"))),
              Map.entry(
                  "snapshots",
                  new Page(
                      "lists snapshots",
                      List.of("snapshots [DISK]"),
                      "",
                      List.of("snapshots", "snapshots disk1"))),
              Map.entry(
                  "clone",
                  new Page(
                      "makes a disk of a snapshot",
                      List.of(
                          "clone DISK@SNAPSHOT NAME [path=FOLDER] [limit=SIZE] [size=SIZE]"
                              + " [target=TARGET] [lun=LUN]",
                          "clone DISK@SNAPSHOT NAME readOnly=true [target=TARGET] [lun=LUN]"),
                      """
                      The clone is writable and thin: what is written to it lies in an overlay,
                      in the folder path (in the state folder). With readOnly=true it shows the
                      snapshot itself. `rm disk NAME` removes it.
                      """,
                      List.of(
                          "clone disk1@monday test",
                          "clone disk1@monday look readOnly=true target=example"))),
              Map.entry(
                  "rollback",
                  new Page(
                      "makes a disk what it was at a snapshot",
                      List.of("rollback DISK@SNAPSHOT [--force]"),
                      """
                      What was written since is lost; snapshots stay. Refused while initiators are
                      logged in; with --force they are told that the medium may have changed (unmount
                      first: a mounted file system does not take it well).
                      """,
                      List.of("rollback disk1@monday", "rollback disk1@monday --force"))),
              Map.entry(
                  "discard",
                  new Page(
                      "throws away what lies over a disk's base",
                      List.of("discard DISK [--force]"),
                      "As rollback, to what the base of the overlay holds. Snapshots stay.\n",
                      List.of("discard test"))),
              Map.entry(
                  "commit",
                  new Page(
                      "moves what lies over a disk's base into it",
                      List.of("commit DISK [--detach]"),
                      """
                      I/O goes on. The overlay must have no snapshots, and its base nobody else on it.
                      With --detach the base takes the overlay's place, which is removed.
                      """,
                      List.of("commit disk1", "commit disk1 --detach"))),
              Map.entry(
                  "sessions",
                  new Page(
                      "lists the iSCSI sessions", List.of("sessions"), "", List.of("sessions"))),
              Map.entry(
                  "stats",
                  new Page(
                      "shows counters of live objects",
                      List.of("stats [KIND]"),
                      "KIND is lu (default), session, connection, portal, target or buffers.\n",
                      List.of("stats", "stats session"))),
              Map.entry(
                  "install",
                  new Page(
                      "installs a bundle",
                      List.of("install JAR"),
                      """
                      As if the jar were dropped into deploy/, where it is put. JAR is an absolute
                      path on the machine of the daemon.
                      """,
                      List.of("install /tmp/org.example.store.http-1.0.0.jar"))),
              Map.entry(
                  "update",
                  new Page(
                      "replaces a bundle while initiators work",
                      List.of("update JAR [--force]"),
                      """
                      The bundle of the jar's symbolic name drains, is replaced, and what depends on
                      it must be well again; else the version before comes back. Sessions end in
                      order when it is the engine or the transport; registrations and persistent
                      reservations stay. What would be lost all the same (a reservation by RESERVE,
                      a running FORMAT UNIT) forbids it, unless --force is given.
                      """,
                      List.of(
                          "update /tmp/org.jtgt.backstore.file-0.2.0.jar",
                          "update /tmp/org.jtgt.scsi-0.2.0.jar --force"))),
              Map.entry(
                  "uninstall",
                  new Page(
                      "takes an installed bundle away",
                      List.of("uninstall NAME [--force]"),
                      "NAME is its symbolic name. A bundle that ships runs as it ships again.\n",
                      List.of("uninstall org.example.store.http"))),
              Map.entry(
                  "help",
                  new Page(
                      "explains a command",
                      List.of("help [COMMAND]"),
                      "",
                      List.of("help create")))));

  private Usage() {}

  /** The page of a command that exists. */
  static Page of(String command) {
    return Objects.requireNonNull(PAGES.get(command), command);
  }

  /** All commands, one line each. */
  static String overview() {
    var table = new Table("COMMAND", "DOES");
    PAGES.forEach((name, page) -> table.row(name, page.summary()));
    return table.text() + "\nhelp COMMAND, or COMMAND --help, tells more, with examples.\n";
  }

  /** One command's page. */
  static String page(String command, Page page) {
    var text = new StringBuilder(command + ": " + page.summary() + "\n\n");
    page.forms().forEach(form -> text.append("  ").append(form).append('\n'));
    if (!page.text().isEmpty()) {
      text.append('\n').append(page.text());
    }
    text.append("\nExamples:\n");
    page.examples().forEach(example -> text.append("  ").append(example).append('\n'));
    return text.toString();
  }
}
