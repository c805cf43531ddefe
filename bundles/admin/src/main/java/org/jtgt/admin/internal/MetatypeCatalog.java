// SPDX-License-Identifier: Apache-2.0
package org.jtgt.admin.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import javax.xml.stream.XMLStreamException;
import org.jtgt.admin.Category;
import org.jtgt.admin.ObjectType;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The types that installed bundles offer. A bundle offers its types while it is resolved and meant
 * to be started, also before its start level is reached, so that a file can be checked before the
 * bundle that opens portals starts.
 */
final class MetatypeCatalog implements SynchronousBundleListener {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.admin");

  /** The name of {@code org.jtgt.backstore.Backstore}; its package is not needed here. */
  private static final String STORE_SERVICE = "org.jtgt.backstore.Backstore";

  private final BundleContext context;
  private final Map<Bundle, List<ObjectType>> offers = new ConcurrentHashMap<>();

  MetatypeCatalog(BundleContext context) {
    this.context = context;
  }

  void open() {
    context.addBundleListener(this);
    for (Bundle bundle : context.getBundles()) {
      look(bundle);
    }
  }

  void close() {
    context.removeBundleListener(this);
    offers.clear();
  }

  /** By category, then by word. */
  List<ObjectType> types() {
    var types = new ArrayList<ObjectType>();
    offers.values().forEach(types::addAll);
    types.sort(
        Comparator.comparing(ObjectType::category)
            .thenComparing(ObjectType::word)
            .thenComparing(ObjectType::pid));
    return types;
  }

  @Override
  public void bundleChanged(BundleEvent event) {
    look(event.getBundle());
  }

  private void look(Bundle bundle) {
    List<ObjectType> offered = offers(bundle) ? read(bundle) : List.of();
    if (offered.isEmpty()) {
      offers.remove(bundle);
    } else {
      offers.put(bundle, offered);
    }
  }

  private static boolean offers(Bundle bundle) {
    int state = bundle.getState();
    if (state == Bundle.STARTING || state == Bundle.ACTIVE) {
      return true;
    }
    BundleStartLevel level = bundle.adapt(BundleStartLevel.class);
    return state == Bundle.RESOLVED && level != null && level.isPersistentlyStarted();
  }

  private static List<ObjectType> read(Bundle bundle) {
    Enumeration<URL> documents = bundle.findEntries("OSGI-INF/metatype", "*.xml", false);
    if (documents == null) {
      return List.of();
    }
    var types = new ArrayList<ObjectType>();
    UnaryOperator<String> localize = localization(bundle);
    for (URL document : Collections.list(documents)) {
      try (InputStream in = document.openStream()) {
        types.addAll(MetatypeReader.read(in, bundle.getSymbolicName(), localize));
      } catch (IOException | XMLStreamException | IllegalArgumentException e) {
        LOG.warn(
            "{}: {} is no Metatype document and is ignored: {}",
            bundle.getSymbolicName(),
            document.getPath(),
            e.getMessage());
      }
    }
    return bringsStores(bundle) ? types.stream().map(MetatypeCatalog::asStore).toList() : types;
  }

  /**
   * Whether a component of the bundle is a store, whatever its PID: bnd writes it down for each.
   */
  private static boolean bringsStores(Bundle bundle) {
    BundleRevision revision = bundle.adapt(BundleRevision.class);
    return revision != null
        && revision.getDeclaredCapabilities("osgi.service").stream()
            .map(c -> c.getAttributes().get("objectClass"))
            .anyMatch(classes -> classes instanceof List<?> names && names.contains(STORE_SERVICE));
  }

  private static ObjectType asStore(ObjectType type) {
    return type.factory() && type.category() == Category.OTHER
        ? new ObjectType(
            type.pid(),
            type.word(),
            Category.STORE,
            true,
            type.title(),
            type.description(),
            type.attributes(),
            type.bundle())
        : type;
  }

  private static UnaryOperator<String> localization(Bundle bundle) {
    var texts = new Properties();
    Enumeration<URL> files = bundle.findEntries("OSGI-INF/l10n", "*.properties", false);
    if (files != null) {
      for (URL file : Collections.list(files)) {
        try (InputStream in = file.openStream()) {
          texts.load(in);
        } catch (IOException | IllegalArgumentException unreadable) {
          LOG.debug("{} cannot be read", file, unreadable);
        }
      }
    }
    return text -> text.startsWith("%") ? texts.getProperty(text.substring(1), text) : text;
  }
}
