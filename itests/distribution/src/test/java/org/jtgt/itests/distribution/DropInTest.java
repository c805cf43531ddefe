// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.VerifyLoad;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a jar in {@code deploy/} does to a target in use: what it brings, and nothing else. */
class DropInTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:drop-in";

  private Distribution jtgt;
  private VerifyLoad load;

  @BeforeEach
  void loadOneUnit() throws Exception {
    jtgt = new Distribution();
    jtgt.dropDisk("disk0", "16M");
    jtgt.drop("org.jtgt.scsi.target-files.cfg", "name=" + TARGET, "luns=0:disk0");
    jtgt.dropPortal();
    jtgt.start();
    jtgt.login(TARGET).close();
    LoginOptions options = LoginOptions.normal("iqn.2026-11.org.jtgt.itests:load", TARGET);
    load = new VerifyLoad(jtgt.portal(), options, 0, 4, 0, (16 << 20) / 512, 1);
  }

  /** The load tells here whether anything but a delay was seen. */
  @AfterEach
  void end() throws Exception {
    try {
      load.close();
    } finally {
      jtgt.close();
    }
  }

  private Path deploy(String name) {
    return jtgt.work().resolve("deploy").resolve(name);
  }

  private void awaitLog(String text) {
    jtgt.eventually(() -> {
      assertThat(jtgt.log()).contains(text);
      return true;
    });
  }

  private void awaitProgress() {
    long before = load.completed();
    jtgt.eventually(() -> {
      load.failure()
          .ifPresent(cause -> {
            throw new AssertionError(cause);
          });
      assertThat(load.completed()).isGreaterThan(before + 20);
      return true;
    });
  }

  @Test
  void aVersionThatDoesNotServeItsStoresIsTakenBackUnderLoad() throws Exception {
    Path shipped = StoreJars.shipped(Distribution.HOME, "org.jtgt.backstore.file");
    StoreJars.drop(
        shipped,
        deploy("file.jar"),
        Map.of("Bundle-Version", "0.9.0"),
        Map.of("org/jtgt/backstore/file/FileStore.class", "no class"));
    awaitLog("the version that ran before runs again");
    awaitProgress();
    assertThat(jtgt.jtgt("list").out()).contains("file.jar");
  }
}
