// SPDX-License-Identifier: Apache-2.0
package org.jtgt.launcher;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.parsers.SAXParserFactory;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * Makes ready on a second processor, while the framework begins on the first one, what a start
 * needs later and waits for then: code that the JVM spins and cannot keep in its cache. Nothing
 * here is needed for anything to work, and nothing of it logs or has a state of ours.
 */
final class Ahead {
  /**
   * Classes of bundles whose initialisation takes milliseconds: the calls of the file store, for
   * each of which the JVM makes a method handle.
   */
  static final List<String> CLASSES = List.of("org.jtgt.backstore.file.Linux$Calls");

  private Ahead() {}

  /** Begins, and does not wait. */
  static void start() {
    Thread.ofPlatform().daemon().name("jtgt-ahead").start(Ahead::run);
  }

  private static void run() {
    for (String name : CLASSES) {
      try {
        Class.forName(name);
      } catch (ClassNotFoundException | LinkageError notHere) {
        // Another distribution, or a system that this class is not for.
      }
    }
    try {
      // Component descriptions and the log's configuration are XML.
      SAXParserFactory.newInstance()
          .newSAXParser()
          .parse(new InputSource(new StringReader("<a/>")), new DefaultHandler());
    } catch (ParserConfigurationException | SAXException | IOException | LinkageError useless) {
      // Whoever needs a parser meets the same and says so.
    }
  }
}
