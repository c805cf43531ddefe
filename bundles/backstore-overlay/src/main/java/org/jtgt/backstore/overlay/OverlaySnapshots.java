// SPDX-License-Identifier: Apache-2.0
package org.jtgt.backstore.overlay;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jtgt.backstore.Backstore;
import org.jtgt.backstore.Snapshots;

/** The snapshots of an overlay. Each operation is one frame of the map, so it happens or not. */
final class OverlaySnapshots implements Snapshots {
  private static final int MOST_NAME_CHARACTERS = 128;

  private final Overlay overlay;

  OverlaySnapshots(Overlay overlay) {
    this.overlay = overlay;
  }

  @Override
  public void create(String name) throws IOException {
    if (name.isEmpty() || name.length() > MOST_NAME_CHARACTERS) {
      throw new IOException(
          "the name of a snapshot has 1 to %d characters".formatted(MOST_NAME_CHARACTERS));
    }
    overlay.whileStable(() -> {
      if (overlay.images().find(name) != null) {
        throw new IOException("snapshot " + name + " exists already");
      }
      overlay.images().requireRoom();
      // Never given twice, so that what stands on a snapshot knows it again.
      long id = UUID.randomUUID().getMostSignificantBits();
      overlay.recorded(new Event.Taken(id, Instant.now().truncatedTo(ChronoUnit.MILLIS), name));
    });
  }

  @Override
  public List<Snapshot> list() throws IOException {
    var list = new ArrayList<Snapshot>();
    for (Images.Image image : overlay.images().snapshots()) {
      list.add(new Snapshot(image.name(), image.created()));
    }
    return list;
  }

  @Override
  public void delete(String name) throws IOException {
    overlay.whileStable(() -> {
      Images.Image image = required(name);
      if (!image.retire()) {
        throw new IOException("snapshot " + name + " is in use");
      }
      try {
        overlay.recorded(new Event.Deleted(image.id()));
      } catch (IOException failure) {
        image.keep();
        throw failure;
      }
      overlay.recountOrLater();
    });
  }

  @Override
  public void rollBack(String name) throws IOException {
    overlay.whileStable(() -> {
      overlay.recorded(new Event.RolledBack(required(name).id()));
      overlay.recountOrLater();
    });
  }

  @Override
  public Backstore open(String name) throws IOException {
    Images.Image image = required(name);
    if (!image.use()) {
      throw new IOException("snapshot " + name + " is being deleted");
    }
    return new SnapshotImage(
        image, overlay.contents(), overlay.identity() + "@" + Long.toHexString(image.id()));
  }

  private Images.Image required(String name) throws IOException {
    Images.Image image = overlay.images().find(name);
    if (image == null) {
      throw new IOException("there is no snapshot " + name);
    }
    return image;
  }
}
