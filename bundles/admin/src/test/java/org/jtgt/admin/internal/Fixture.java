// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;
import org.jtgt.admin.Change;
import org.jtgt.admin.ObjectType;
import org.jtgt.admin.Origin;
import org.jtgt.admin.Result;
import org.jtgt.state.ConfigurationCheck;
import org.jtgt.state.ContentControl;
import org.jtgt.state.StateRow;
import org.jtgt.state.StateSource;

/** An administration with the types of the first bundles and everything else in memory. */
final class Fixture {
  static final String METATYPE =
      """
      <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.4.0"
          localization="OSGI-INF/l10n/x">
        <OCD id="file" name="File store" description="Keeps the bytes in a file.">
          <AD id="path" type="String" name="Path" description="The file."/>
          <AD id="size" type="String" name="Size" required="false"/>
          <AD id="readOnly" type="Boolean" default="false"/>
        </OCD>
        <OCD id="memory" name="Memory store"><AD id="size" type="String"/></OCD>
        <OCD id="throttle" name="Throttle"><AD id="store" type="String"/></OCD>
        <OCD id="crypt" name="Crypt"><AD id="base" type="String"/></OCD>
        <OCD id="overlay" name="Overlay">
          <AD id="base" type="String"/><AD id="path" type="String"/>
        </OCD>
        <OCD id="snapshot" name="Snapshot">
          <AD id="of" type="String"/><AD id="snapshot" type="String"/>
        </OCD>
        <OCD id="lu" name="Logical unit">
          <AD id="store" type="String"/>
          <AD id="blockSize" type="Integer" default="512">
            <Option label="512" value="512"/><Option label="4096" value="4096"/>
          </AD>
          <AD id="holdSeconds" type="Integer" default="20" min="0" max="600"/>
          <AD id="readOnly" type="Boolean" default="false"/>
          <AD id="naa" type="String" required="false"/>
          <AD id="serial" type="String" required="false" max="36"/>
        </OCD>
        <OCD id="target" name="Target">
          <AD id="name" type="String" required="false"/>
          <AD id="luns" type="String" cardinality="2147483647" required="false"/>
          <AD id="portals" type="String" cardinality="2147483647" required="false"/>
          <AD id="secret" type="Password" required="false"/>
        </OCD>
        <OCD id="portal" name="Portal">
          <AD id="address" type="String" default="127.0.0.1"/>
          <AD id="port" type="Integer" default="3260" min="1" max="65535"/>
        </OCD>
        <OCD id="access" name="Access rule">
          <AD id="targets" type="String" cardinality="2147483647"/>
          <AD id="luns" type="String" cardinality="2147483647" required="false"/>
        </OCD>
        <OCD id="policy" name="Login policy">
          <AD id="targets" type="String" cardinality="2147483647" required="false"/>
          <AD id="portals" type="String" cardinality="2147483647" required="false"/>
        </OCD>
        <OCD id="scsi" name="SCSI engine">
          <AD id="transferBudget" type="String" default="256M"/>
        </OCD>
        <Designate factoryPid="org.jtgt.backstore.file"><Object ocdref="file"/></Designate>
        <Designate factoryPid="org.jtgt.backstore.memory"><Object ocdref="memory"/></Designate>
        <Designate factoryPid="org.jtgt.backstore.throttle"><Object ocdref="throttle"/></Designate>
        <Designate factoryPid="org.jtgt.backstore.crypt"><Object ocdref="crypt"/></Designate>
        <Designate factoryPid="org.jtgt.backstore.overlay"><Object ocdref="overlay"/></Designate>
        <Designate factoryPid="org.jtgt.backstore.snapshot"><Object ocdref="snapshot"/></Designate>
        <Designate factoryPid="org.jtgt.scsi.lu"><Object ocdref="lu"/></Designate>
        <Designate factoryPid="org.jtgt.scsi.target"><Object ocdref="target"/></Designate>
        <Designate factoryPid="org.jtgt.iscsi.portal"><Object ocdref="portal"/></Designate>
        <Designate factoryPid="org.jtgt.iscsi.access"><Object ocdref="access"/></Designate>
        <Designate factoryPid="org.jtgt.iscsi.policy"><Object ocdref="policy"/></Designate>
        <Designate pid="org.jtgt.scsi"><Object ocdref="scsi"/></Designate>
      </metatype:MetaData>
      """;

  final FakeConfigurationAdmin configurations;
  final List<ObjectType> types = new ArrayList<>(types(METATYPE));
  final Map<String, Condition> components = new HashMap<>();
  final List<StateSource> sources = new ArrayList<>();
  final List<ConfigurationCheck> checks = new ArrayList<>();
  @Nullable ContentControl control;

  /** How a component is after a change. */
  BiFunction<Entry, Entry, Optional<Condition>> changed =
      (before, now) -> Optional.of(new Condition(Condition.ACTIVE, ""));

  final Administration admin;

  Fixture() {
    this(
        new FakeConfigurationAdmin(),
        Path.of("target", "test-state", UUID.randomUUID().toString()));
  }

  /**
   * @param configurations what an administration before left
   * @param state where it kept what it was about to change
   */
  Fixture(FakeConfigurationAdmin configurations, Path state) {
    this.configurations = configurations;
    var inventory = new Inventory(configurations.service(), () -> types);
    configurations.onChange(inventory::changed);
    admin =
        new Administration(
            inventory,
            new Configurations(configurations.service(), new ChangeRecord(state)),
            () -> components,
            (before, now) -> changed.apply(before, now),
            new LiveState(() -> sources),
            new Checks(() -> checks),
            () -> Optional.ofNullable(control));
  }

  static List<ObjectType> types(String metatype) {
    try {
      return MetatypeReader.read(
          new ByteArrayInputStream(metatype.getBytes(StandardCharsets.UTF_8)),
          "test",
          text -> text);
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
  }

  Result command(Change... changes) {
    return admin.apply(List.of(changes), Origin.COMMAND);
  }

  Result as(Origin origin, Change... changes) {
    return admin.apply(List.of(changes), origin);
  }

  /** Publishes one live row. */
  void live(String kind, String name, String pid, Map<String, Object> values) {
    sources.add(
        new StateSource() {
          @Override
          public String kind() {
            return kind;
          }

          @Override
          public List<StateRow> rows() {
            return List.of(new StateRow(name, pid, values));
          }
        });
  }

  /** A store, an LU on it and a target with it as LUN 0, all called disk0. */
  void disk0() {
    command(
        new Change.Create("file", "disk0", Map.of("path", "/data/disk0", "size", "1G")),
        new Change.Create("lu", "disk0", Map.of("store", "disk0")),
        new Change.Create("target", "disk0", Map.of("luns", "0:disk0")));
  }
}
