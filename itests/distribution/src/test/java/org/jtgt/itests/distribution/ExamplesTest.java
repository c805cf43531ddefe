// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The configurations in {@code examples/} are taken as they are, but for paths and the port. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of(System.getProperty("jtgt.top"), "examples");

  private Distribution jtgt;

  @BeforeEach
  void begin() throws Exception {
    jtgt = new Distribution();
    for (String image : List.of("install.iso", "disk.img")) {
      try (RandomAccessFile file =
          new RandomAccessFile(jtgt.work().resolve(image).toFile(), "rw")) {
        file.setLength(2 << 20);
      }
    }
  }

  @AfterEach
  void end() throws Exception {
    jtgt.close();
  }

  private String here(Path example) throws IOException {
    return Files.readString(example)
        .replace("/srv/jtgt/", jtgt.work() + "/")
        .replaceFirst("(?m)^port = 3260", "port = " + jtgt.portal().getPort())
        .replace("127.0.0.1:3260", "127.0.0.1:" + jtgt.portal().getPort());
  }

  @Test
  void theFilesMakeTheServerThatTheyDescribe() throws Exception {
    try (Stream<Path> files = Files.list(EXAMPLES.resolve("etc"))) {
      for (Path file : files.toList()) {
        jtgt.drop(file.getFileName().toString(), here(file));
      }
    }
    jtgt.start();
    try (Session session = jtgt.login("iqn.2026-11.org.example:server")) {
      assertThat(session.logicalUnit(0).capacity().blocks()).isEqualTo((100L << 30) / 512);
      session.logicalUnit(1).clearUnitAttentions();
      assertThat(session.logicalUnit(1).capacity().blocks()).isEqualTo((2 << 20) / 512);
    }
    assertThat(jtgt.log()).doesNotContain("refused", "ERROR");
  }

  @Test
  void gotgtsFormIsServed() throws Exception {
    Path config = jtgt.work().resolve("config.json");
    Files.writeString(config, here(EXAMPLES.resolve("gotgt/config.json")));
    jtgt.start("--config", config.toString());
    try (Session session = jtgt.login("iqn.2026-11.org.example:from-gotgt")) {
      session.logicalUnit(1).clearUnitAttentions();
      session.logicalUnit(0).write(0, new byte[512], 512);
    }
  }
}
