// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.connect.ConnectFrameworkFactory;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * {@code jtgt daemon}: starts the container with the bundles of the distribution and keeps it
 * running.
 */
public final class Daemon {
  private static final int STOP_SECONDS = 60;

  /**
   * JLine's ways to a terminal of the process. A daemon has none, and finding that out each way
   * loads a library of its own for each; terminals of clients are at the other end of a socket.
   */
  private static final List<String> NO_TERMINAL = List.of("ffm", "jni", "jna", "jansi", "exec");

  private Daemon() {}

  /** Runs until the container stops or the process is asked to end. */
  public static void main(String[] words) {
    int status;
    try {
      status = run(Path.of(System.getProperty("jtgt.home")).toAbsolutePath().normalize(), words);
    } catch (Arguments.UsageException | IOException | BundleException e) {
      System.err.println("jtgt: " + e.getMessage());
      status = 2;
    } catch (InterruptedException e) {
      status = 1;
    }
    // Threads of third-party bundles must not keep a stopped daemon alive.
    Runtime.getRuntime().halt(status);
  }

  private static int run(Path home, String[] words)
      throws Arguments.UsageException, IOException, BundleException, InterruptedException {
    Arguments arguments = Arguments.parse(home, List.of(words));
    if (!arguments.rest().isEmpty()) {
      throw new Arguments.UsageException(
          "jtgt daemon takes options only, not " + arguments.rest().getFirst());
    }
    Folders folders = arguments.folders();
    makeFolders(folders);
    try (FileChannel lockFile =
            FileChannel.open(
                folders.lock(),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock lock = lockFile.tryLock()) {
      if (lock == null) {
        throw new IOException(
            "another daemon (pid %s) uses the state folder %s; stop it or give another --state"
                .formatted(Files.readString(folders.lock()).strip(), folders.state()));
      }
      lockFile.truncate(0);
      lockFile.write(
          StandardCharsets.UTF_8.encode(Long.toString(ProcessHandle.current().pid()) + "\n"));
      Framework framework = start(arguments, Daemon::stopInOrderOnSignal);
      framework.waitForStop(0);
      return exitStatus();
    }
  }

  /** Set by a bundle that ends the container because it cannot do what it was started for. */
  private static int exitStatus() {
    return Integer.getInteger("org.jtgt.exit.status", 0);
  }

  private static void makeFolders(Folders folders) throws IOException {
    if (!Files.isDirectory(folders.home().resolve("bundles"))) {
      throw new IOException(folders.home() + " is no jtgt distribution: it has no bundles/");
    }
    Files.createDirectories(folders.etc());
    Files.createDirectories(folders.deploy());
    // The state holds secrets and the command socket: its owner's alone.
    Files.createDirectories(
        folders.state(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** From here on, so that a daemon that serves already but is still starting ends in order too. */
  private static void stopInOrderOnSignal(Framework framework) {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(stop(framework)), "jtgt-stop"));
  }

  /**
   * Starts the container; what it says of itself stands on standard output.
   *
   * @param before told before anything of it runs
   */
  static Framework start(Arguments arguments, Consumer<Framework> before)
      throws IOException, BundleException {
    Ahead.start();
    Folders folders = arguments.folders();
    List<Path> jars;
    try (Stream<Path> files = Files.list(folders.home().resolve("bundles"))) {
      jars = files.filter(path -> path.toString().endsWith(".jar")).sorted().toList();
    }
    ShippedBundles shipped = new ShippedBundles(jars, System.getProperty("java.class.path"));
    Framework framework =
        ServiceLoader.load(ConnectFrameworkFactory.class)
            .findFirst()
            .orElseThrow(() -> new IOException("lib/ holds no OSGi framework"))
            .newFramework(properties(arguments), shipped);
    framework.init();
    NO_TERMINAL.forEach(provider -> System.setProperty("org.jline.terminal." + provider, "false"));
    List<Bundle> installed = new ArrayList<>();
    for (Path jar : jars) {
      Bundle bundle = framework.getBundleContext().installBundle(ShippedBundles.location(jar));
      bundle.adapt(BundleStartLevel.class).setStartLevel(startLevel(bundle.getSymbolicName()));
      installed.add(bundle);
    }
    framework.adapt(FrameworkWiring.class).resolveBundles(installed);
    shipped.wire(installed);
    for (Bundle bundle : installed) {
      if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
        bundle.start(Bundle.START_ACTIVATION_POLICY);
      }
    }
    before.accept(framework);
    framework.start();
    if (exitStatus() != 0) {
      return framework;
    }
    System.out.printf(
        "jtgt runs after %d ms: etc %s, deploy %s, state %s%n",
        System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime(),
        folders.etc(),
        folders.deploy(),
        folders.state());
    return framework;
  }

  /** Emptied at each start. */
  private static Path cache(Folders folders) {
    return folders.state().resolve("cache");
  }

  private static Map<String, String> properties(Arguments arguments) {
    Folders folders = arguments.folders();
    Map<String, String> properties = new HashMap<>();
    properties.put(Constants.FRAMEWORK_STORAGE, cache(folders).toString());
    properties.put(
        Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, "7");
    // What a bundle does not import it does not see, whoever asks: the class path has all bundles.
    properties.put("felix.bootdelegation.implicit", "false");
    properties.put("felix.cm.pm", "org.jtgt.configurations");
    properties.put("felix.cm.dir", folders.state().resolve("config").toString());
    // A component that cannot start is told in one line by the administration, not by a stack trace
    // each time it is tried.
    properties.put("ds.log.enabled", "false");
    // The console is the client's: a daemon whose standard input ends must not stop.
    properties.put("gosh.args", "--nointeractive");
    properties.put("org.ops4j.pax.logging.useBufferingLogFallback", "true");
    Path logging = folders.etc().resolve("logback.xml");
    if (!Files.exists(logging)) {
      logging = folders.home().resolve("etc").resolve("logback.xml");
    }
    properties.put("org.ops4j.pax.logging.StaticLogbackFile", logging.toString());
    properties.put("org.jtgt.home", folders.home().toString());
    properties.put("org.jtgt.etc.dir", folders.etc().toString());
    properties.put("org.jtgt.deploy.dir", folders.deploy().toString());
    properties.put("org.jtgt.state.dir", folders.state().toString());
    arguments
        .gotgtConfig()
        .ifPresent(file -> properties.put("org.jtgt.gotgt.config", file.toString()));
    return properties;
  }

  /**
   * Levels start upwards and stop downwards: the transport leaves before the engine, the engine
   * before the stores, all of them while logging and the component runtime still work. The shell
   * comes last: initiators do not wait for it.
   */
  private static int startLevel(String symbolicName) {
    if (symbolicName.startsWith("org.ops4j.pax.logging")) {
      return 1;
    }
    if (symbolicName.startsWith("org.apache.felix.gogo")
        || symbolicName.startsWith("org.jtgt.shell")) {
      return 7;
    }
    if (!symbolicName.startsWith("org.jtgt.")) {
      return 2;
    }
    return switch (symbolicName) {
      case "org.jtgt.iscsi" -> 6;
      case "org.jtgt.deploy", "org.jtgt.gotgt" -> 5;
      case "org.jtgt.scsi" -> 4;
      // What a crash interrupted is carried out before any store or transport sees its
      // configuration.
      case "org.jtgt.configurations", "org.jtgt.admin" -> 2;
      default -> 3;
    };
  }

  /**
   * Ends the container; a daemon that was asked to end and ended in order has done its work: status
   * 0.
   */
  static int stop(Framework framework) {
    try {
      framework.stop();
      framework.waitForStop(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
      return 0;
    } catch (BundleException e) {
      System.err.println("jtgt: stopping failed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 1;
  }
}
