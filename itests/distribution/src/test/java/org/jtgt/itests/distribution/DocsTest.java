// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The code in the manual is code that the build compiles. */
class DocsTest {
  private static final Path TOP = Path.of(System.getProperty("jtgt.top"));
  private static final Pattern EXCERPT =
      Pattern.compile("<!-- (examples/\\S+) -->\n```\\w+\n(.*?)\n```\n", Pattern.DOTALL);
  private static final Pattern LICENSE_LINE =
      Pattern.compile("^(//|<!--) SPDX-License-Identifier: \\S+( -->)?\n", Pattern.MULTILINE);

  @Test
  void writingAStoreShowsEveryFileOfTheExampleAsItIs() throws IOException {
    String page = Files.readString(TOP.resolve("docs/writing-a-store.md"));
    Map<String, String> shown = new LinkedHashMap<>();
    for (Matcher m = EXCERPT.matcher(page); m.find(); ) {
      shown.put(m.group(1), m.group(2) + "\n");
    }
    Path example = TOP.resolve("examples/store-http");
    Map<String, String> expected = new LinkedHashMap<>();
    for (String path : shown.keySet()) {
      String text = Files.readString(TOP.resolve(path));
      expected.put(path, LICENSE_LINE.matcher(text).replaceFirst(""));
    }
    assertThat(shown).isEqualTo(expected);
    try (var sources = Files.walk(example.resolve("src/main"))) {
      assertThat(sources.filter(Files::isRegularFile).map(p -> TOP.relativize(p).toString()))
          .isSubsetOf(shown.keySet());
    }
    assertThat(shown).containsKey("examples/store-http/pom.xml");
  }
}
