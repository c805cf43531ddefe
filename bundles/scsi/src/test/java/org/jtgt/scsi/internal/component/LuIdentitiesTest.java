// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.component;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The identity of a unit, and what it keeps, outlive whatever else has its name. */
class LuIdentitiesTest {
  private static final String DISK = "org.jtgt.scsi.lu~disk0";
  private static final String TWIN = "org.jtgt.device.cdrom~disk0";

  @TempDir Path folder;

  @Test
  void aDeletedUnitTakesItsIdentityWithItWhateverComesFirst() {
    LuIdentities identities = new LuIdentities(folder);
    LuIdentities.Identity first = identities.begin(DISK);
    identities.configurationDeleted(DISK);
    identities.end(DISK);
    LuIdentities.Identity second = identities.begin(DISK);
    assertThat(second).isNotEqualTo(first);
    identities.end(DISK);
    identities.configurationDeleted(DISK);
    assertThat(identities.begin(DISK)).isNotEqualTo(second);
  }

  @Test
  void theRefusedUnitOfAnotherTypeDoesNotTakeTheIdentityOfItsNamesakeWithIt() throws IOException {
    LuIdentities identities = new LuIdentities(folder);
    LuIdentities.Identity mine = identities.begin(DISK);
    identities.memory("disk0").keep("text", new byte[] {1});
    identities.begin(TWIN);
    identities.end(TWIN); // refused
    identities.configurationDeleted(TWIN);
    identities.end(DISK); // the container stops
    assertThat(identities.begin(DISK)).isEqualTo(mine);
    assertThat(identities.memory("disk0").load("text")).isPresent();
  }

  @Test
  void namesWithADotDoNotMeetInTheStateFolder() throws IOException {
    LuIdentities identities = new LuIdentities(folder);
    identities.begin("org.jtgt.scsi.lu~a");
    identities.memory("a.properties").keep("mode", new byte[] {1});
    assertThat(identities.begin("org.jtgt.scsi.lu~a")).isNotNull();
    assertThat(identities.memory("a.properties").load("mode")).isPresent();
  }
}
