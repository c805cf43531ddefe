// SPDX-License-Identifier: Apache-2.0

/**
 * Commands from outside the container, through a Unix domain socket that only its owner can open.
 *
 * <p>The protocol, all numbers big-endian: the client sends its mode (one byte: {@code C} one
 * command, {@code S} a script, {@code T} a terminal), then frames; the server answers with frames.
 * A frame is one byte of kind, a length in four bytes and that many bytes. Client: {@code w} a word
 * of the command, {@code d} data typed or lines of the script, {@code s} size of the terminal
 * ("COLUMNS ROWS TYPE"), {@code e} end of input. Server: {@code o} output, {@code x} error output,
 * {@code q} exit status in decimal digits, the last frame.
 */
@NullMarked
package org.jtgt.shell.socket;

import org.jspecify.annotations.NullMarked;
