// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi;

import java.util.List;
import org.jtgt.iscsi.spi.AnnouncedTarget;
import org.jtgt.iscsi.spi.TargetDirectory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** What the transport offers, as other bundles may announce it. */
@Component(service = TargetDirectory.class)
public final class PublishedTargets implements TargetDirectory {
  private final IscsiTransport transport;

  @Activate
  public PublishedTargets(@Reference IscsiTransport transport) {
    this.transport = transport;
  }

  @Override
  public List<AnnouncedTarget> targets() {
    return transport.announced();
  }

  @Override
  public Watch watch(Runnable changed) {
    transport.watchers().add(changed);
    return () -> transport.watchers().remove(changed);
  }
}
