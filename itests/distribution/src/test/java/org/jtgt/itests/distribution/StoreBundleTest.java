// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Random;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.jtgt.itests.distribution.Distribution.Outcome;
import org.jtgt.itests.initiator.Cdb;
import org.jtgt.itests.initiator.LogicalUnit;
import org.jtgt.itests.initiator.Sense;
import org.jtgt.itests.initiator.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The store bundle of {@code examples/}, dropped into the running distribution, replaced and
 * removed there while another disk is in use. The data comes from a web server of the test.
 */
class StoreBundleTest {
  private static final String TARGET = "iqn.2026-11.org.jtgt.itests:bundles";
  private static final Path JAR = Path.of(System.getProperty("jtgt.example.jar"));
  private static final String NAME = "org.example.store.http";

  private final byte[] image = new byte[1 << 20];
  private Distribution jtgt;
  private HttpServer server;

  @BeforeEach
  void serveOneOrdinaryDisk() throws Exception {
    new Random(4).nextBytes(image);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    jtgt = new Distribution();
    jtgt.dropDisk("disk0", "4M");
    jtgt.drop("org.jtgt.scsi.target-bundles.cfg", "name=" + TARGET, "luns=0:disk0,1:web");
    jtgt.dropPortal();
    jtgt.start();
  }

  @AfterEach
  void end() throws Exception {
    jtgt.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
      String range = exchange.getRequestHeaders().getFirst("Range");
      if (range == null) {
        exchange.getResponseHeaders().set("Content-Length", Integer.toString(image.length));
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      String[] ends = range.substring("bytes=".length()).split("-");
      int first = Integer.parseInt(ends[0]);
      int last = Integer.parseInt(ends[1]);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + first + "-" + last + "/" + image.length);
      exchange.sendResponseHeaders(206, last - first + 1);
      exchange.getResponseBody().write(image, first, last - first + 1);
    }
  }

  private String good(String... words) throws Exception {
    Outcome outcome = jtgt.jtgt(words);
    assertThat(outcome.status()).as(outcome.out()).isZero();
    return outcome.out();
  }

  /** Whole or not at all, as a careful operator drops a jar. */
  private void drop(Path jar) throws IOException {
    Path half = jtgt.work().resolve("half");
    Files.copy(jar, half, StandardCopyOption.REPLACE_EXISTING);
    Files.move(half, deployed(), StandardCopyOption.REPLACE_EXISTING);
  }

  private Path deployed() {
    return jtgt.work().resolve("deploy").resolve("http.jar");
  }

  /** The same bundle of another version. */
  private Path version(String version) throws IOException {
    Path copy = jtgt.work().resolve(version + ".jar");
    try (JarInputStream in = new JarInputStream(Files.newInputStream(JAR))) {
      in.getManifest().getMainAttributes().put(new Attributes.Name("Bundle-Version"), version);
      try (JarOutputStream out =
          new JarOutputStream(Files.newOutputStream(copy), in.getManifest())) {
        for (ZipEntry entry; (entry = in.getNextJarEntry()) != null; ) {
          out.putNextEntry(new ZipEntry(entry.getName()));
          in.transferTo(out);
        }
      }
    }
    return copy;
  }

  private void createWebDisk() throws Exception {
    jtgt.eventually(() -> assertThat(good("types")).contains("http"));
    int port = server.getAddress().getPort();
    good("create", "http", "web", "url=http://127.0.0.1:" + port + "/disk.img");
    good("create", "lu", "web", "store=web", "holdSeconds=1");
  }

  private LogicalUnit webDisk(Session session) {
    return jtgt.eventually(() -> {
      session.logicalUnit(1).clearUnitAttentions();
      return session.logicalUnit(1);
    });
  }

  /** The LUN map changed under the other disk's session: it was told so, and goes on. */
  private static void expectUndisturbed(Session session) throws IOException {
    session.logicalUnit(0).clearUnitAttentions();
    session.logicalUnit(0).write(0, new byte[512], 512);
  }

  @Test
  void aDroppedStoreBundleServesItsDataWithoutARestart() throws Exception {
    try (Session session = jtgt.login(TARGET)) {
      drop(JAR);
      createWebDisk();
      LogicalUnit web = webDisk(session);
      assertThat(web.capacity().blocks()).isEqualTo(image.length / 512);
      assertThat(web.read(0, image.length / 512 / 2, 512))
          .isEqualTo(Arrays.copyOf(image, image.length / 2));
      Sense refused = web.out(Cdb.write10(0, 1), new byte[512]).sense().orElseThrow();
      assertThat(refused.key()).isEqualTo(Sense.DATA_PROTECT);
      assertThat(good("types", "http")).contains("url", "timeoutSeconds", "1..300");
      assertThat(jtgt.jtgt("create", "http", "web2", "ulr=x").out()).contains("ulr", "url");
      expectUndisturbed(session);
    }
  }

  @Test
  void aReplacedBundleGoesOnWithItsObjectsAndARemovedOneLeavesThemWaiting() throws Exception {
    try (Session session = jtgt.login(TARGET)) {
      drop(JAR);
      createWebDisk();
      LogicalUnit web = webDisk(session);
      drop(version("1.0.1"));
      jtgt.eventually(() -> assertThat(jtgt.log()).contains(NAME + " 1.0.1: updated"));
      assertThat(web.read(7, 1, 512)).isEqualTo(Arrays.copyOfRange(image, 7 * 512, 8 * 512));

      Files.delete(deployed());
      jtgt.eventually(() -> {
        Sense sense = web.testUnitReady().sense().orElseThrow();
        assertThat(sense.key()).isEqualTo(Sense.NOT_READY);
        return true;
      });
      // Its store goes first, its type with the bundle behind that.
      jtgt.eventually(() -> assertThat(good("types")).doesNotContain("http"));
      assertThat(good("list")).contains("web", "absent");
      expectUndisturbed(session);

      drop(version("1.0.2"));
      jtgt.eventually(() -> web.read(9, 1, 512));
      assertThat(web.read(9, 1, 512)).isEqualTo(Arrays.copyOfRange(image, 9 * 512, 10 * 512));
    }
  }

  @Test
  void aJarThatIsNoBundleIsToldInOneLineAndDisturbsNothing() throws Exception {
    try (Session session = jtgt.login(TARGET)) {
      drop(JAR);
      createWebDisk();
      LogicalUnit web = webDisk(session);
      Path wrong = jtgt.work().resolve("deploy").resolve("wrong.jar");
      Files.writeString(wrong, "no jar");
      jtgt.eventually(() ->
          assertThat(jtgt.log().lines().filter(line -> line.contains("wrong.jar"))).hasSize(1));
      assertThat(web.read(0, 1, 512)).isEqualTo(Arrays.copyOf(image, 512));
      assertThat(good("list")).contains("wrong.jar");
    }
  }

  /** A bundle that was dropped is there again after a restart, before the portals open. */
  @Test
  void aDroppedBundleSurvivesARestart() throws Exception {
    drop(JAR);
    createWebDisk();
    try (Session session = jtgt.login(TARGET)) {
      webDisk(session);
    }
    assertThat(jtgt.stop()).isZero();
    jtgt.start();
    try (Session session = jtgt.login(TARGET)) {
      assertThat(webDisk(session).read(3, 1, 512))
          .isEqualTo(Arrays.copyOfRange(image, 3 * 512, 4 * 512));
    }
  }
}
