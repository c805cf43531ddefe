// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code distribution/run} hands what follows it to the daemon. It runs in a clone of a test's own,
 * as far as it looks at one, so that it neither builds nor touches what runs in this one.
 */
class RunScriptTest {
  private static final Path TOP = Path.of(System.getProperty("jtgt.top")).toAbsolutePath();

  private Distribution jtgt;
  private Path script;
  private @Nullable Process running;

  @BeforeEach
  void makeAClone() throws Exception {
    jtgt = new Distribution();
    Path distribution = Files.createDirectories(jtgt.work().resolve("clone/distribution"));
    script = copy(distribution, "run");
    copy(distribution, "src/main/dist/bin/find-java");
    Path target = Files.createDirectory(distribution.resolve("target"));
    Files.createSymbolicLink(target.resolve("jtgt-built"), Distribution.HOME);
    Path archive = Files.createFile(target.resolve("jtgt-built.tar.gz"));
    Files.setLastModifiedTime(archive, FileTime.from(Instant.now().plusSeconds(60)));
  }

  private static Path copy(Path distribution, String file) throws IOException {
    Path to = distribution.resolve(file);
    Files.createDirectories(to.getParent());
    return Files.copy(
        TOP.resolve("distribution").resolve(file),
        to,
        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
  }

  @AfterEach
  void end() throws Exception {
    Process left = running;
    if (left != null) {
      left.destroy();
      if (!left.waitFor(60, TimeUnit.SECONDS)) {
        left.destroyForcibly().waitFor();
      }
    }
    jtgt.close();
  }

  private Process run(String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of(script.toString()));
    words.addAll(List.of(options));
    Process started = jtgt.launch(words);
    running = started;
    return started;
  }

  private String here(String example) throws IOException {
    return Files.readString(TOP.resolve("examples").resolve(example))
        .replace("/srv/jtgt/", jtgt.work() + "/")
        .replace("127.0.0.1:3260", "127.0.0.1:" + jtgt.portal().getPort());
  }

  @Test
  void otherFoldersAreTheDaemons() throws Exception {
    String target = "iqn.2026-11.org.jtgt.itests:run";
    jtgt.dropDisk("disk0", "4M");
    jtgt.drop("org.jtgt.scsi.target-run.cfg", "name=" + target, "luns=0:disk0");
    jtgt.dropPortal();
    run("--etc", jtgt.etc().toString(), "--state", jtgt.state().toString());
    try (Session session = jtgt.login(target)) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo((4 << 20) / 512);
    }
    assertThat(script.resolveSibling("work/jtgt/bundles")).isNotEmptyDirectory();
    assertThat(script.resolveSibling("work/jtgt/maven/org/jtgt")).isNotEmptyDirectory();
    assertThat(jtgt.state()).isNotEmptyDirectory();
  }

  @Test
  void gotgtsConfigurationIsTheDaemonsToo() throws Exception {
    Path config = jtgt.work().resolve("config.json");
    Files.writeString(config, here("gotgt/config.json"));
    Files.write(jtgt.work().resolve("disk.img"), new byte[2 << 20]);
    run("--config", config.toString(), "--state", jtgt.state().toString());
    jtgt.login("iqn.2026-11.org.example:from-gotgt").close();
  }

  @Test
  void anOptionThatThereIsNotIsToldInOneLine() throws Exception {
    Process refused = run("--ect", "x");
    assertThat(refused.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(refused.exitValue()).isNotZero();
    assertThat(jtgt.log().lines()).filteredOn(line -> line.contains("--ect")).hasSize(1);
  }
}
