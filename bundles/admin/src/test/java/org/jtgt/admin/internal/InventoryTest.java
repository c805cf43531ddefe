// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jtgt.admin.AdminException;
import org.jtgt.admin.ObjectType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InventoryTest {
  private static final String MEMORY = "org.jtgt.backstore.memory";

  private final FakeConfigurationAdmin configurations = new FakeConfigurationAdmin();
  private List<ObjectType> types = Fixture.types(Fixture.METATYPE);
  private final Inventory inventory = new Inventory(configurations.service(), () -> types);

  @BeforeEach
  void twoStores() {
    configurations.onChange(inventory::changed);
    configurations.put(MEMORY, "one", Map.of("size", "1M"));
    configurations.put(MEMORY, "two", Map.of("size", "2M"));
    assertThat(names()).containsExactlyInAnyOrder("one", "two");
    configurations.lists.clear();
  }

  private List<String> names() {
    return inventory.model().entries().stream().map(Entry::name).toList();
  }

  private String size(String name) {
    return inventory.model().get(MEMORY + "~" + name).orElseThrow().text("size");
  }

  @Test
  void whatHasNotChangedIsNotReadAgain() {
    assertThat(size("one")).isEqualTo("1M");
    assertThat(configurations.lists).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "new", "a*(b)\\c"})
  void whatHasChangedIsReadAloneAndOnce(String name) {
    configurations.put(MEMORY, name, Map.of("size", "3M"));
    assertThat(size(name)).isEqualTo("3M");
    assertThat(size(name)).isEqualTo("3M");
    assertThat(size("two")).isEqualTo("2M");
    assertThat(configurations.lists).singleElement().matches(Optional::isPresent);
  }

  @Test
  void whatIsDeletedIsGoneAndMayComeBack() {
    configurations.remove(MEMORY + "~one");
    assertThat(names()).containsExactly("two");
    configurations.put(MEMORY, "one", Map.of("size", "3M"));
    assertThat(size("one")).isEqualTo("3M");
  }

  @Test
  void ofManyChangesAllIsReadAtOnce() {
    for (int i = 0; i < 100; i++) {
      configurations.put(MEMORY, "new" + i, Map.of("size", "3M"));
    }
    assertThat(names()).hasSize(102);
    assertThat(configurations.lists).containsExactly(Optional.empty());
  }

  @Test
  void otherTypesHaveAllReadAgain() {
    types = List.of();
    assertThat(inventory.model().types()).isEmpty();
    assertThat(configurations.lists).containsExactly(Optional.empty());
  }

  @Test
  void whatCannotBeReadIsReadTheNextTime() {
    configurations.put(MEMORY, "one", Map.of("size", "3M"));
    configurations.unreadable(true);
    assertThatThrownBy(inventory::model)
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("input/output error");
    configurations.unreadable(false);
    assertThat(size("one")).isEqualTo("3M");
  }

  @Test
  void allIsReadEachTimeWhenNobodyTellsOfChanges() {
    configurations.onChange(pid -> {});
    inventory.toldNoMore();
    configurations.put(MEMORY, "one", Map.of("size", "3M"));
    assertThat(size("one")).isEqualTo("3M");
    configurations.put(MEMORY, "one", Map.of("size", "4M"));
    assertThat(size("one")).isEqualTo("4M");
  }

  @Test
  void whatChangesKeepsItsPlace() {
    List<String> before = names();
    configurations.put(MEMORY, before.getFirst(), Map.of("size", "3M"));
    assertThat(names()).isEqualTo(before);
  }

  @Test
  void aModelIsTheCallersOwn() {
    inventory.model().remove(MEMORY + "~one");
    assertThat(names()).contains("one");
  }
}
