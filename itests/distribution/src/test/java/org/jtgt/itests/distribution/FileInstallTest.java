// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Executors;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.jtgt.itests.distribution.Distribution.Outcome;
import org.jtgt.itests.initiator.LoginOptions;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.jtgt.itests.initiator.VerifyLoad;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Felix FileInstall in the running distribution, beside our own deployer. */
class FileInstallTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:file-install";
  private static final Path JAR = Path.of(System.getProperty("jtgt.example.jar"));
  private static final int BYTES = 1 << 20;

  private Distribution jtgt;
  private HttpServer server;

  @BeforeEach
  void serveOneOrdinaryDisk() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", FileInstallTest::answer);
    server.start();
    jtgt = new Distribution();
    jtgt.dropDisk("disk0", "8M");
    jtgt.drop("org.jtgt.scsi.target-fi.cfg", "name=" + TARGET, "luns=0:disk0,1:web");
    jtgt.dropPortal();
  }

  @AfterEach
  void end() throws Exception {
    jtgt.close();
    server.stop(0);
  }

  /** An image of sevens. */
  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (range == null) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(BYTES));
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      String[] ends = range.substring("bytes=".length()).split("-");
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[1]);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + first + "-" + last + "/" + BYTES);
      exchange.sendResponseHeaders(206, last - first + 1);
      exchange.getResponseBody().write(sevens(last - first + 1));
    }
  }

  private static byte[] sevens(int bytes) {
    byte[] sevens = new byte[bytes];
    Arrays.fill(sevens, (byte) 7);
    return sevens;
  }

  private void startWatching(Path folder) throws Exception {
    watching(folder);
    jtgt.start();
    good("install", fileInstall().toString());
  }

  private void watching(Path folder) {
    jtgt.properties(
        "felix.fileinstall.dir=" + folder,
        "felix.fileinstall.poll=200",
        "felix.fileinstall.tmpdir=" + jtgt.work().resolve("tmp"));
  }

  private static Path fileInstall() throws URISyntaxException {
    return Path.of(
        ArtifactInstaller.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private String good(String... words) throws Exception {
    Outcome outcome = jtgt.jtgt(words);
    assertThat(outcome.status()).as(outcome.out()).isZero();
    return outcome.out();
  }

  private void drop(Path folder, String version) throws IOException {
    StoreJars.drop(JAR, folder.resolve("http.jar"), Map.of("Bundle-Version", version), Map.of());
  }

  @Test
  void aStoreThatItBringsIsUsedUpdatedUnderLoadAndRemoved() throws Exception {
    Path watched = Files.createDirectory(jtgt.work().resolve("watched"));
    startWatching(watched);
    drop(watched, "1.0.0");
    jtgt.eventually(() -> assertThat(good("types")).contains("http"));
    good("create", "http", "web", "url=http://127.0.0.1:" + server.getAddress().getPort() + "/i");
    good("create", "lu", "web", "store=web", "holdSeconds=20");

    LoginOptions options = LoginOptions.normal("iqn.2026-11.org.jtgt.itests:load", TARGET);
    try (Session session = jtgt.login(TARGET);
        VerifyLoad load = new VerifyLoad(jtgt.portal(), options, 0, 4, 0, (8 << 20) / 512, 1)) {
      jtgt.eventually(() -> {
        session.logicalUnit(1).clearUnitAttentions();
        return session.logicalUnit(1).read(0, 1, 512);
      });
      for (String version : new String[] {"1.0.1", "1.0.2"}) {
        drop(watched, version);
        // Read on while it is replaced: a delay, never an error.
        for (int i = 0; i < 40; i++) {
          session.logicalUnit(1).clearUnitAttentions();
          assertThat(session.logicalUnit(1).read(i, 8, 512)).isEqualTo(sevens(8 * 512));
          Thread.sleep(25);
        }
      }
      Files.delete(watched.resolve("http.jar"));
      jtgt.eventually(() -> assertThat(good("types")).doesNotContain("http"));
      good("set", "lu", "web", "holdSeconds=1");
      jtgt.eventually(() -> {
        Sense sense = session.logicalUnit(1).testUnitReady().sense().orElseThrow();
        assertThat(sense.key()).isEqualTo(Sense.NOT_READY);
        return true;
      });
      long before = load.completed();
      jtgt.eventually(() -> assertThat(load.completed()).isGreaterThan(before + 20));
      assertThat(load.failure()).isEmpty();
    }
  }

  @Test
  void weLetGoOfTheFolderThatItWatches() throws Exception {
    startWatching(jtgt.etc());
    jtgt.eventually(() -> assertThat(jtgt.log()).contains("is watched by Felix FileInstall"));
    jtgt.drop("org.jtgt.backstore.memory-m.cfg", "size=4M");
    jtgt.eventually(
        () -> assertThat(good("show", "memory", "m")).contains("4M", "another program"));
    assertThat(jtgt.log()).doesNotContain("org.jtgt.backstore.memory~m: made by");
    assertThat(jtgt.log().lines().filter(line -> line.contains("is watched by"))).hasSize(1);
    jtgt.login(TARGET).close();
  }

  /** It lies in bundles/ then: in a folder that it watches itself it would replace itself. */
  @Test
  void weLetGoOfTheFolderOfJarsThatItWatches() throws Exception {
    Path deploy = jtgt.work().resolve("deploy");
    Files.copy(fileInstall(), jtgt.copy().resolve("bundles").resolve("fileinstall.jar"));
    watching(deploy);
    jtgt.start();
    jtgt.eventually(
        () -> assertThat(jtgt.log()).contains(deploy + " is watched by Felix FileInstall"));
    drop(deploy, "1.0.0");
    jtgt.eventually(() -> assertThat(good("types")).contains("http"));
    assertThat(jtgt.log()).doesNotContain("org.example.store.http 1.0.0: installed by");
    Outcome refused = jtgt.jtgt("update", JAR.toString());
    assertThat(refused.status()).isNotZero();
    assertThat(refused.out()).contains("Felix FileInstall watches it");
    refused = jtgt.jtgt("uninstall", "org.example.store.http");
    assertThat(refused.out()).contains("Felix FileInstall watches it");

    Files.delete(deploy.resolve("http.jar"));
    jtgt.eventually(() -> assertThat(good("types")).doesNotContain("http"));
    jtgt.login(TARGET).close();
    assertThat(jtgt.log().lines().filter(line -> line.contains("is watched by"))).hasSize(1);
  }
}
