// SPDX-License-Identifier: Apache-2.0
package org.jtgt.device.cdrom;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The operator's hand at the drives: commands of scope {@code tgt}. */
@Component(
    service = CdRomCommands.class,
    property = {
      "osgi.command.scope=tgt",
      "osgi.command.function=eject",
      "osgi.command.function=insert"
    })
public final class CdRomCommands {
  private final List<CdRomComponent> drives = new CopyOnWriteArrayList<>();

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void addDrive(CdRomComponent drive) {
    drives.add(drive);
  }

  void removeDrive(CdRomComponent drive) {
    drives.remove(drive);
  }

  /** {@code eject NAME}: takes the disc out, unless an initiator prevents it. */
  public String eject(String name) {
    CdRomDrive drive = find(name);
    if (drive.medium().prevented()) {
      throw new IllegalStateException(
          "an initiator prevents the removal of the disc in "
              + name
              + "; eject "
              + name
              + " force");
    }
    drive.eject();
    return name + ": the disc is out";
  }

  /** {@code eject NAME force}: takes it out all the same. */
  public String eject(String name, String force) {
    if (!force.equals("force")) {
      throw new IllegalArgumentException("eject NAME, or eject NAME force");
    }
    find(name).eject();
    return name + ": the disc is out";
  }

  /**
   * {@code insert NAME}: puts the disc in; another one comes by {@code set cdrom NAME store=...}.
   */
  public String insert(String name) {
    find(name).insert();
    return name + ": the disc is in";
  }

  private CdRomDrive find(String name) {
    return drives.stream()
        .filter(drive -> drive.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no CD-ROM drive '" + name + "'"))
        .drive();
  }
}
