// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.internal.spc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jtgt.scsi.device.LogPage;
import org.jtgt.scsi.device.Sense;
import org.jtgt.scsi.device.Step;
import org.jtgt.scsi.device.Task;

/**
 * LOG SENSE and LOG SELECT (SPC-4 6.7, 6.8). All parameters are lists: PAGE CONTROL and PCR do not
 * concern them.
 */
final class LogCommands {
  private static final int ALL_SUBPAGES = 0xFF;
  private static final int HEADER_BYTES = 4;

  private static final Step ANSWER = LogCommands::answer;
  private static final Step SELECT_PAGE = LogCommands::selectPage;

  private LogCommands() {}

  static void sense(Task task) {
    elsewhere(task, ANSWER);
  }

  /** Which pages there are, and what they hold, the store may have to look up. */
  private static void elsewhere(Task task, Step step) {
    if (task.unit().store().isPresent()) {
      task.mayWait(step);
    } else {
      step.run(task);
    }
  }

  private static void answer(Task task) {
    int code = task.cdb(2) & 0x3F;
    int subpage = task.cdb(3);
    byte[] body;
    if (code == 0 || subpage == ALL_SUBPAGES) {
      body = list(task, code, subpage);
    } else {
      body = content(task, code, subpage);
    }
    if (body.length == 0) {
      task.check(
          Sense.invalidFieldInCdb(code == 0 || knows(task, code) ? 3 : 2, code == 0 ? 7 : 5));
      return;
    }
    int pointer = task.cdb16(5);
    if (code != 0 && subpage != ALL_SUBPAGES) {
      body = from(body, pointer);
      if (body.length == 0) {
        task.check(Sense.invalidFieldInCdb(5, 7));
        return;
      }
    } else if (pointer != 0) {
      task.check(Sense.invalidFieldInCdb(5, 7));
      return;
    }
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + body.length);
    // DS: nothing is saved
    out.put((byte) (0x80 | (subpage == 0 ? 0 : 0x40) | code)).put((byte) subpage);
    out.putShort((short) body.length).put(body);
    task.reply(out.array(), task.cdb16(7));
  }

  private static boolean knows(Task task, int code) {
    return pages(task).stream().anyMatch(page -> page.code() == code);
  }

  /** The pages that exist in the unit's present state. */
  private static List<LogPage> pages(Task task) {
    List<LogPage> pages = new ArrayList<>();
    for (LogPage page : task.unit().deviceServer().logPages()) {
      if (page.content().parameters(task) != null) {
        pages.add(page);
      }
    }
    return pages;
  }

  /** Supported Log Pages, with subpages, or the subpages of one page (SPC-4 7.3.18 to 7.3.20). */
  private static byte[] list(Task task, int code, int subpage) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<LogPage> pages = pages(task);
    if (code == 0 && subpage == 0) {
      TreeSet<Integer> codes = new TreeSet<>();
      codes.add(0);
      pages.forEach(page -> codes.add(page.code()));
      codes.forEach(out::write);
    } else if (subpage == ALL_SUBPAGES && (code == 0 || knows(task, code))) {
      if (code == 0) {
        out.writeBytes(new byte[] {0, 0, 0, (byte) ALL_SUBPAGES});
      }
      for (LogPage page : pages) {
        if (code == 0 || page.code() == code) {
          out.write(page.code());
          out.write(page.subpage());
        }
      }
      if (code != 0) {
        out.write(code);
        out.write(ALL_SUBPAGES);
      }
    }
    return out.toByteArray();
  }

  private static byte[] content(Task task, int code, int subpage) {
    for (LogPage page : task.unit().deviceServer().logPages()) {
      if (page.code() == code && page.subpage() == subpage) {
        byte[] parameters = page.content().parameters(task);
        return parameters == null ? new byte[0] : parameters;
      }
    }
    return new byte[0];
  }

  /** The parameters from PARAMETER POINTER on; none when it is above the last. */
  private static byte[] from(byte[] parameters, int pointer) {
    ByteBuffer in = ByteBuffer.wrap(parameters);
    for (int at = 0; at + 4 <= parameters.length; at += 4 + (parameters[at + 3] & 0xFF)) {
      if ((in.getShort(at) & 0xFFFF) >= pointer) {
        byte[] rest = new byte[parameters.length - at];
        in.get(at, rest);
        return rest;
      }
    }
    return new byte[0];
  }

  /** LOG SELECT: a list would set parameters, and none can be set. */
  static void select(Task task) {
    if (task.cdb16(7) != 0) {
      task.check(Sense.invalidFieldInCdb(7, 7));
    } else if ((task.cdb(2) & 0x3F) != 0) {
      elsewhere(task, SELECT_PAGE);
    } else {
      task.good();
    }
  }

  private static void selectPage(Task task) {
    if (knows(task, task.cdb(2) & 0x3F)) {
      task.good();
    } else {
      task.check(Sense.invalidFieldInCdb(2, 5));
    }
  }
}
