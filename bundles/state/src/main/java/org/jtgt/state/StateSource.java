// SPDX-License-Identifier: Apache-2.0
package org.jtgt.state;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A whiteboard service: a table of live objects of one kind. Several sources may serve one kind;
 * their rows are shown together.
 *
 * <p>Thread rules: any thread; the rows are a snapshot taken without stopping I/O.
 */
@ConsumerType
public interface StateSource {
  /** Service property: the {@link #kind()}. */
  String KIND = "org.jtgt.state.kind";

  /**
   * Key of a row's value: what the object would lose if its bundle stopped now, in words. Absent
   * when nothing would be lost.
   */
  String UNSAVED = "unsaved";

  /**
   * What the rows are, in the singular: {@code session}, {@code portal}, {@code lu}, {@code
   * target}.
   */
  String kind();

  /** The objects that live now. */
  List<StateRow> rows();
}
