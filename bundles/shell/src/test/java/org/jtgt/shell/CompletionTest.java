// SPDX-License-Identifier: Apache-2.0
package org.jtgt.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jtgt.admin.Category;
import org.junit.jupiter.api.Test;

class CompletionTest {
  private final MemoryAdmin admin = new MemoryAdmin();
  private final Completion completion = new Completion(admin);

  private Set<String> after(String words, String word) {
    return completion
        .candidates(words.isEmpty() ? List.of() : List.of(words.split(" ")), word)
        .keySet();
  }

  @Test
  void theFirstWordIsACommand() {
    assertThat(after("", "")).contains("create", "list", "rm", "help");
  }

  @Test
  void createGoesOnWithTypesThenWithKeysThatAreNotGivenYet() {
    assertThat(after("create", "")).containsExactlyInAnyOrder("disk", "file", "lu", "target");
    assertThat(after("create file", "")).isEmpty();
    assertThat(after("create file a size=1G", "")).containsExactly("path=", "readOnly=");
  }

  @Test
  void valuesAreOfferedWhereTheyAreKnown() {
    admin.add("file", Category.STORE, "s1", "active", Map.of());

    assertThat(after("create lu a", "store=")).contains("store=s1");
    assertThat(after("create lu a", "blockSize=")).contains("blockSize=512", "blockSize=4096");
    assertThat(after("create file a", "readOnly=")).contains("readOnly=true", "readOnly=false");
  }

  @Test
  void namesOfObjectsAreOfferedByCategoryAndType() {
    admin.add("file", Category.STORE, "s1", "active", Map.of());
    admin.add("lu", Category.LU, "l1", "ready", Map.of());
    admin.add("target", Category.TARGET, "t1", "ready", Map.of("luns", "0:l1, 4:l2"));

    assertThat(after("rm store", "")).containsExactly("s1", "--force");
    assertThat(after("show file", "")).containsExactly("s1");
    assertThat(after("map", "")).containsExactly("t1");
    assertThat(after("map t1", "")).containsExactly("l1");
    assertThat(after("unmap t1", "")).containsExactly("0", "4", "--force");
    assertThat(after("set lu l1", "")).isEmpty();
  }

  @Test
  void aDiskTakesTheKeysOfItsStoreAndItsLogicalUnit() {
    assertThat(after("create disk d", ""))
        .contains("type=", "target=", "lun=", "size=", "blockSize=")
        .doesNotContain("store=");
  }
}
