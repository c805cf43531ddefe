// SPDX-License-Identifier: Apache-2.0
package org.jtgt.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleFilesTest {
  /** A framework that knows names and versions only; versions in {@code broken} do not start. */
  private static final class FakeContainer implements Container {
    final Map<String, String> versions = new TreeMap<>();
    final Set<String> running = new HashSet<>();
    final Set<String> broken = new HashSet<>();
    final List<String> calls = new ArrayList<>();

    @Override
    public boolean installed(String name) {
      return versions.containsKey(name);
    }

    @Override
    public boolean contains(Jar jar) {
      return jar.version().toString().equals(versions.get(jar.symbolicName()));
    }

    @Override
    public Set<String> concerned(String name) {
      return installed(name) ? Set.of(name) : Set.of();
    }

    @Override
    public void install(String name, Path jar) {
      calls.add("install " + name);
      versions.put(name, version(jar));
    }

    @Override
    public void update(String name, Path jar) {
      calls.add("update " + name);
      running.remove(name);
      versions.put(name, version(jar));
    }

    @Override
    public void start(String name) throws Failure {
      if (broken.contains(versions.get(name))) {
        throw new Failure("missing requirement", null);
      }
      running.add(name);
    }

    @Override
    public void retire(String name) {
      calls.add("retire " + name);
      versions.remove(name);
      running.remove(name);
    }

    private static String version(Path jar) {
      try (JarFile file = new JarFile(jar.toFile())) {
        return file.getManifest().getMainAttributes().getValue("Bundle-Version");
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  @TempDir Path deploy;
  @TempDir Path state;
  private final FakeContainer container = new FakeContainer();
  private final Set<String> unfit = new HashSet<>();
  private Folder folder;
  private BundleFiles files;
  private Replacement replacement;
  private final List<String> lost = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    folder = new Folder(deploy, ".jar", Clock.systemUTC());
    DeployedBundles deployed = new DeployedBundles(state);
    replacement = new Replacement(container, deployed, health);
    files = new BundleFiles(container, deployed, replacement);
  }

  /** A store and its unit, which do not survive the versions in {@code unfit}. */
  private final Health health =
      new Health() {
        @Override
        public List<String> lostWithout(Set<String> symbolicNames) {
          return List.copyOf(lost);
        }

        @Override
        public Set<String> wellWith(Set<String> symbolicNames) {
          return symbolicNames.isEmpty() ? Set.of() : Set.of("store", "unit");
        }

        @Override
        public Optional<String> problem(Set<String> pids, Duration patience) {
          return !pids.isEmpty() && unfit.contains(container.versions.get("a"))
              ? Optional.of("unit is refused: another size")
              : Optional.empty();
        }
      };

  private Path jar(String fileName, String symbolicName, String version) throws IOException {
    Path path = deploy.resolve(fileName);
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Bundle-SymbolicName", symbolicName + ";singleton:=true");
    manifest.getMainAttributes().putValue("Bundle-Version", version);
    new JarOutputStream(Files.newOutputStream(path), manifest).close();
    return path;
  }

  private void look() throws IOException {
    for (int i = 1; i < Folder.LOOKS_UNTIL_GONE; i++) {
      folder.look();
    }
    files.reconcile(folder.look());
  }

  private void deployed(String version) throws IOException {
    jar("a.jar", "a", version);
    look();
  }

  private void restartWithoutCache() throws IOException {
    container.versions.clear();
    container.running.clear();
    start();
    look();
  }

  @Test
  void aJarIsInstalledAndStartedAndGoesWithItsFile() throws IOException {
    Path jar = jar("a.jar", "a", "1.0.0");
    look();
    assertThat(container.running).containsExactly("a");

    Files.delete(jar);
    look();
    assertThat(container.versions).isEmpty();
  }

  @Test
  void aSecondJarOfTheSameNameIsAnUpdate() throws IOException {
    jar("a-1.jar", "a", "1.0.0");
    look();
    Path second = jar("a-2.jar", "a", "2.0.0");
    look();

    assertThat(container.versions).containsExactly(Map.entry("a", "2.0.0"));
    assertThat(container.calls).containsExactly("install a", "update a");

    Files.delete(second);
    look();
    assertThat(container.versions).containsExactly(Map.entry("a", "1.0.0"));
  }

  @Test
  void anUpdateThatDoesNotStartGivesWayToTheVersionBefore() throws IOException {
    deployed("1.0.0");
    container.broken.add("2.0.0");
    deployed("2.0.0");

    assertThat(container.versions).containsExactly(Map.entry("a", "1.0.0"));
    assertThat(container.running).containsExactly("a");
    assertThat(files.rows().getFirst().values())
        .containsEntry("file", "refused")
        .containsEntry("reason", "missing requirement");
  }

  @Test
  void anUpgradeThatItsStoresDoNotSurviveGivesWayToTheVersionBefore() throws IOException {
    deployed("1.0.0");
    unfit.add("2.0.0");
    deployed("2.0.0");

    assertThat(container.versions).containsExactly(Map.entry("a", "1.0.0"));
    assertThat(container.running).containsExactly("a");
    assertThat(files.rows().getFirst().values())
        .containsEntry("file", "refused")
        .containsEntry("reason", "unit is refused: another size");

    deployed("3.0.0");
    assertThat(container.versions).containsExactly(Map.entry("a", "3.0.0"));
  }

  @Test
  void anUpgradeThatWasTakenBackIsNotTriedAgainAtTheNextStart() throws IOException {
    deployed("1.0.0");
    unfit.add("2.0.0");
    deployed("2.0.0");
    container.calls.clear();
    restartWithoutCache();

    assertThat(container.versions).containsExactly(Map.entry("a", "1.0.0"));
    assertThat(container.running).containsExactly("a");
    assertThat(container.calls).containsExactly("install a");
  }

  @Test
  void anUnfitUpgradeStaysWhereThatIsConfigured() throws IOException {
    replacement.unfitUpgrades(false, Duration.ofSeconds(1));
    deployed("1.0.0");
    unfit.add("2.0.0");
    deployed("2.0.0");

    assertThat(container.versions).containsExactly(Map.entry("a", "2.0.0"));
  }

  @Test
  void whatWouldBeLostKeepsAJarOutUnlessItIsForced() throws IOException {
    deployed("1.0.0");
    lost.add("logical unit disk0: a reservation by RESERVE");
    deployed("2.0.0");
    assertThat(container.versions).containsExactly(Map.entry("a", "1.0.0"));
    assertThat((String) files.rows().getFirst().values().get("reason"))
        .contains("disk0", "RESERVE", "--force");

    Path third = jar("a.jar", "a", "3.0.0");
    files.force(Jar.digest(third));
    look();
    assertThat(container.versions).containsExactly(Map.entry("a", "3.0.0"));
  }

  @Test
  void whatWouldBeLostKeepsABundleWhoseFileIsGoneUntilItIsNotLostAnyMore() throws IOException {
    Path jar = jar("a.jar", "a", "1.0.0");
    look();
    lost.add("logical unit disk0: a reservation by RESERVE");
    Files.delete(jar);
    look();
    assertThat(container.running).containsExactly("a");

    lost.clear();
    look();
    assertThat(container.versions).isEmpty();
  }

  @Test
  void aBundleThatDoesNotResolveIsStartedWhenAnotherJarComes() throws IOException {
    container.broken.add("1.0.0");
    deployed("1.0.0");
    assertThat(container.running).isEmpty();

    container.broken.clear();
    jar("b.jar", "b", "3.0.0");
    look();
    assertThat(container.running).containsExactlyInAnyOrder("a", "b");
    assertThat(files.rows().getFirst().values()).containsEntry("reason", "");
  }

  @Test
  void aFileThatIsNoBundleIsRefusedWithoutTouchingTheContainer() throws IOException {
    Files.writeString(deploy.resolve("a.jar"), "not a zip");
    look();

    assertThat(container.calls).isEmpty();
    assertThat((String) files.rows().getFirst().values().get("reason")).startsWith("is no jar");
  }

  @Test
  void afterARestartAnUnchangedJarIsLeftAloneAndAVanishedOneIsRetired() throws IOException {
    jar("a.jar", "a", "1.0.0");
    Path b = jar("b.jar", "b", "1.0.0");
    look();
    container.calls.clear();
    Files.delete(b);

    start();
    look();

    assertThat(container.calls).containsExactly("retire b");
    assertThat(container.running).containsExactly("a");
  }

  @Test
  void afterARestartWithAnEmptyCacheTheJarsAreInstalledAgain() throws IOException {
    deployed("1.0.0");
    restartWithoutCache();

    assertThat(container.running).containsExactly("a");
  }

  /** Copied over the old file, and stalled: it looks the same twice. */
  @Test
  void aJarThatIsNotWholeYetDoesNotUninstallWhatRuns() throws IOException {
    Path jar = jar("a.jar", "a", "1.0.0");
    look();
    Files.write(jar, new byte[] {'P', 'K', 3, 4, 0, 0});
    look();
    assertThat(container.running).containsExactly("a");

    deployed("2.0.0");
    assertThat(container.versions).containsExactly(Map.entry("a", "2.0.0"));
  }

  @Test
  void whatGaveWayToTheVersionBeforeGivesWayAfterARestartToo() throws IOException {
    deployed("1.0.0");
    container.broken.add("2.0.0");
    deployed("2.0.0");
    restartWithoutCache();
    assertThat(container.versions).containsExactly(Map.entry("a", "1.0.0"));
    assertThat(container.running).containsExactly("a");
  }

  @Test
  void aLinkThatCannotBeFollowedHidesNoOtherFile() throws IOException {
    Files.createSymbolicLink(deploy.resolve("x.jar"), deploy.resolve("x.jar"));
    deployed("1.0.0");
    assertThat(container.running).containsExactly("a");
  }
}
