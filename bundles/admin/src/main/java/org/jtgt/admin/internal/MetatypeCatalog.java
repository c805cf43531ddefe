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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
import org.osgi.framework.wiring.BundleWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The types that installed bundles offer. A bundle offers its types while it is resolved and meant
 * to be started, also before its start level is reached, so that a file can be checked before the
 * bundle that opens portals starts. Its documents are read on a thread of the catalog, so that the
 * start of the container waits for them only where somebody looks at the types.
 */
final class MetatypeCatalog implements SynchronousBundleListener {
  private static final Logger LOG = LoggerFactory.getLogger("org.jtgt.admin");

  /** The name of {@code org.jtgt.backstore.Backstore}; its package is not needed here. */
  private static final String STORE_SERVICE = "org.jtgt.backstore.Backstore";

  private static final long IDLE_SECONDS = 10;

  /**
   * All types in their order.
   *
   * @param change number of the last change of the offers that they show
   */
  private record Sorted(long change, List<ObjectType> types) {}

  /** What a bundle offers as it is wired: its content and its fragments. */
  private record Offer(BundleWiring wiring, CompletableFuture<List<ObjectType>> types) {}

  private final BundleContext context;
  private final Map<Bundle, Offer> offers = new ConcurrentHashMap<>();
  private final AtomicLong changes = new AtomicLong();
  private volatile Sorted sorted = new Sorted(-1, List.of());
  private final ThreadPoolExecutor reader;

  MetatypeCatalog(BundleContext context) {
    this.context = context;
    reader =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("jtgt-admin-types").factory(),
            (task, closed) -> task.run());
    reader.allowCoreThreadTimeOut(true);
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
    reader.shutdown();
  }

  /**
   * By category, then by word; waits until all of them are read. The same list as long as the
   * offers stay the same.
   */
  List<ObjectType> types() {
    Sorted known = sorted;
    long change = changes.get();
    if (known.change() == change) {
      return known.types();
    }
    var types = new ArrayList<ObjectType>();
    offers.values().forEach(offer -> types.addAll(read(offer.types())));
    types.sort(
        Comparator.comparing(ObjectType::category)
            .thenComparing(ObjectType::word)
            .thenComparing(ObjectType::pid));
    List<ObjectType> fixed = List.copyOf(types);
    sorted = new Sorted(change, fixed);
    return fixed;
  }

  @Override
  public void bundleChanged(BundleEvent event) {
    look(event.getBundle());
  }

  private void look(Bundle bundle) {
    BundleWiring wiring = bundle.adapt(BundleWiring.class);
    Offer known = offers.get(bundle);
    if (wiring == null || !offers(bundle)) {
      if (known != null) {
        offers.remove(bundle);
        changes.incrementAndGet();
      }
    } else if (known == null || !known.wiring().equals(wiring)) {
      offers.put(
          bundle, new Offer(wiring, CompletableFuture.supplyAsync(() -> read(bundle), reader)));
      changes.incrementAndGet();
    }
  }

  private static List<ObjectType> read(CompletableFuture<List<ObjectType>> offered) {
    try {
      return offered.join();
    } catch (CompletionException e) {
      LOG.error("types of a bundle cannot be read", e.getCause());
      return List.of();
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
    Enumeration<URL> documents;
    try {
      documents = bundle.findEntries("OSGI-INF/metatype", "*.xml", false);
    } catch (IllegalStateException uninstalledMeanwhile) {
      return List.of();
    }
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
