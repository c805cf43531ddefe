// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One connection of a session in the full feature phase. Replies are read while a method of this
 * class waits; pings of the target are answered then. Used by one thread at a time.
 *
 * <p>A test that sends PDUs of its own uses {@link #channel()} and, if they carry a CmdSN, moves
 * the session's {@link CommandWindow}.
 */
public final class Connection implements AutoCloseable {
  /** How long a response may take. */
  public static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Session session;
  private final PduChannel channel;
  private final int cid;
  private final OperationalParameters parameters;
  private final Map<Integer, Exchange> pending = new HashMap<>();
  private final Set<Integer> forgotten = new HashSet<>();
  private final List<Response.Async> asyncs = new ArrayList<>();
  private final List<Response.Reject> rejects = new ArrayList<>();
  private final List<Response.NopIn> pings = new ArrayList<>();
  private Consumer<Response> observer = response -> {};
  private int expStatSn;

  Connection(Session session, PduChannel channel, int cid, LoginDriver.Outcome login) {
    this.session = session;
    this.channel = channel;
    this.cid = cid;
    this.parameters = login.parameters();
    this.expStatSn = login.last().statSn() + 1;
  }

  public PduChannel channel() {
    return channel;
  }

  public int cid() {
    return cid;
  }

  public OperationalParameters parameters() {
    return parameters;
  }

  /** The StatSN that is expected next. */
  public int expStatSn() {
    return expStatSn;
  }

  /** Shows every PDU that comes, before it is acted on. */
  public void observe(Consumer<Response> observer) {
    this.observer = observer;
  }

  /** Async Messages so far. */
  public List<Response.Async> asyncs() {
    return List.copyOf(asyncs);
  }

  /** Rejects so far. */
  public List<Response.Reject> rejects() {
    return List.copyOf(rejects);
  }

  /** NOP-Ins so far that answer no NOP-Out. */
  public List<Response.NopIn> pings() {
    return List.copyOf(pings);
  }

  // ---- SCSI commands -------------------------------------------------------------------------

  /** Sends a command, waiting for room in the command window, and returns before it ends. */
  public ScsiTask submit(ScsiCommand command) throws IOException {
    int cmdSn = number(command.immediate());
    int immediate = command.immediateBytes(parameters);
    int unsolicited = command.unsolicitedBytes(parameters);
    ScsiTask task = new ScsiTask(command, session.nextItt(), cmdSn, parameters);
    pending.put(task.itt(), task);
    boolean fin = unsolicited <= immediate;
    channel.send(command.request(task.itt(), cmdSn, expStatSn, immediate, fin).toPdu());
    if (!fin) {
      sendDataOut(command, task.itt(), Request.TTT_NONE, immediate, unsolicited);
    }
    return task;
  }

  /** Sends a command and waits for its end. */
  public ScsiResult execute(ScsiCommand command) throws IOException {
    return await(submit(command));
  }

  /**
   * Waits for a command's end.
   *
   * @throws RejectedException if the target rejected the command
   */
  public ScsiResult await(ScsiTask task) throws IOException {
    await((Exchange) task);
    return task.result().orElseThrow();
  }

  /** Sends the data-out bytes {@code from..to} as one sequence (RFC 7143 11.7). */
  void sendDataOut(ScsiCommand command, int itt, int ttt, int from, int to) throws IOException {
    int dataSn = 0;
    for (int at = from; at < to; ) {
      int end = Math.min(to, at + parameters.targetMaxRecv());
      byte[] part = Arrays.copyOfRange(command.dataOut(), at, end);
      channel.send(
          new Request.DataOut(end == to, command.lun(), itt, ttt, expStatSn, dataSn++, at, part)
              .toPdu());
      at = end;
    }
  }

  // ---- other requests ------------------------------------------------------------------------

  /**
   * Pings the target with a non-immediate NOP-Out and checks that the data comes back (RFC 7143
   * 11.19.4).
   */
  public Response.NopIn ping(byte[] data) throws IOException {
    int cmdSn = number(false);
    SimpleExchange exchange = expect(cmdSn, Response.NopIn.class);
    channel.send(
        new Request.NopOut(false, 0, exchange.itt(), Request.TTT_NONE, cmdSn, expStatSn, data)
            .toPdu());
    Response.NopIn answer = (Response.NopIn) await(exchange);
    byte[] expected = Arrays.copyOf(data, Math.min(data.length, parameters.initiatorMaxRecv()));
    if (!Arrays.equals(expected, answer.pdu().data())) {
      throw new ProtocolViolation("11.19.4", "the ping's data did not come back");
    }
    return answer;
  }

  /** Sends a text, split with the C bit if it is long, and joins the answer (RFC 7143 11.10). */
  public TextKeys text(TextKeys request) throws IOException {
    byte[] text = request.encode();
    int itt = session.nextItt();
    int ttt = Request.TTT_NONE;
    int at = 0;
    while (text.length - at > parameters.targetMaxRecv()) {
      int end = at + parameters.targetMaxRecv();
      Response.Text empty = textPdu(itt, ttt, Arrays.copyOfRange(text, at, end), true);
      if (empty.pdu().dataBytes() > 0 || empty.fin()) {
        throw new ProtocolViolation("6.2", "answers before the C sequence ends: " + empty.pdu());
      }
      ttt = empty.ttt();
      at = end;
    }
    Response.Text part = textPdu(itt, ttt, Arrays.copyOfRange(text, at, text.length), false);
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.writeBytes(part.pdu().data());
    while (!part.fin()) {
      if (part.ttt() == Request.TTT_NONE) {
        throw new ProtocolViolation("11.11.4", "more to come but no tag: " + part.pdu());
      }
      part = textPdu(itt, part.ttt(), new byte[0], false);
      answer.writeBytes(part.pdu().data());
    }
    if (part.more() || part.ttt() != Request.TTT_NONE) {
      throw new ProtocolViolation("11.11", "F with C or with a tag: " + part.pdu());
    }
    return TextKeys.parse(answer.toByteArray());
  }

  private Response.Text textPdu(int itt, int ttt, byte[] part, boolean more) throws IOException {
    int cmdSn = number(false);
    SimpleExchange exchange = new SimpleExchange(itt, cmdSn, Response.Text.class);
    pending.put(itt, exchange);
    channel.send(new Request.Text(false, !more, more, 0, itt, ttt, cmdSn, expStatSn, part).toPdu());
    return (Response.Text) await(exchange);
  }

  /** Immediate task management; the answer is a response of {@link TaskFunction}. */
  public int taskManagement(int function, long lun) throws IOException {
    return taskManagement(function, lun, Request.ITT_NONE, 0);
  }

  /** ABORT TASK; after "function complete" nothing more is expected for the task. */
  public int abort(ScsiTask task) throws IOException {
    int response =
        taskManagement(TaskFunction.ABORT_TASK, task.command().lun(), task.itt(), task.cmdSn());
    if (response == TaskFunction.FUNCTION_COMPLETE) {
      forget(task);
    }
    return response;
  }

  public int taskManagement(int function, long lun, int referencedTaskTag, int refCmdSn)
      throws IOException {
    int cmdSn = number(true);
    SimpleExchange exchange = expect(cmdSn, Response.TaskManagement.class);
    channel.send(
        new Request.TaskManagement(
                true,
                function,
                lun,
                exchange.itt(),
                referencedTaskTag,
                cmdSn,
                expStatSn,
                refCmdSn,
                0)
            .toPdu());
    return ((Response.TaskManagement) await(exchange)).response();
  }

  /** Expects nothing more for a task that a reset or clear ended; late PDUs are ignored. */
  public void forget(ScsiTask task) {
    pending.remove(task.itt());
    forgotten.add(task.itt());
  }

  /** Logs out; the answer's response is 0 on success (RFC 7143 11.15.1). */
  public int logout(int reason, int cid) throws IOException {
    int cmdSn = number(true);
    SimpleExchange exchange = expect(cmdSn, Response.Logout.class);
    channel.send(new Request.Logout(true, reason, exchange.itt(), cid, cmdSn, expStatSn).toPdu());
    return ((Response.Logout) await(exchange)).response();
  }

  // ---- receiving -----------------------------------------------------------------------------

  /** Waits for the last PDU of an exchange and acts on all that comes before it. */
  public Response await(Exchange exchange) throws IOException {
    receiveUntil(exchange::isDone, TIMEOUT, () -> "no answer to task " + exchange.itt());
    pending.remove(exchange.itt());
    if (exchange.reject().isPresent()) {
      throw new RejectedException(exchange.reject().get());
    }
    return exchange.pdus().getLast();
  }

  /** Waits until an Async Message has come and returns the first one. */
  public Response.Async awaitAsync(Duration timeout) throws IOException {
    receiveUntil(() -> !asyncs.isEmpty(), timeout, () -> "no Async Message");
    return asyncs.getFirst();
  }

  /** Waits until a command has so many R2Ts that are left to the test and not answered yet. */
  public void awaitR2ts(ScsiTask task, int count, Duration timeout) throws IOException {
    receiveUntil(
        () -> task.openR2ts().size() >= count,
        timeout,
        () -> task.openR2ts().size() + " R2Ts for task " + task.itt() + ", not " + count);
  }

  private void receiveUntil(BooleanSupplier holds, Duration timeout, Supplier<String> otherwise)
      throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!holds.getAsBoolean()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new SocketTimeoutException(otherwise.get());
      }
      receive(Duration.ofNanos(left));
    }
  }

  /** Receives and acts on PDUs until {@code timeout} is over; for what the target sends unasked. */
  public List<Response> listen(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<Response> seen = new ArrayList<>();
    long left;
    while ((left = deadline - System.nanoTime()) > 0) {
      try {
        seen.add(receive(Duration.ofNanos(left)));
      } catch (SocketTimeoutException e) {
        return seen;
      }
    }
    return seen;
  }

  /** Whether something has come that was not received yet. */
  public boolean hasInput() throws IOException {
    return channel.hasInput();
  }

  /** Receives one PDU, does the bookkeeping and hands it to the exchange that waits for it. */
  public Response receive(Duration timeout) throws IOException {
    Response response = Response.of(channel.receive(timeout));
    observer.accept(response);
    count(response);
    switch (response) {
      case Response.Async async -> asyncs.add(async);
      case Response.Reject reject -> reject(reject);
      case Response.NopIn nop when nop.itt() == Request.ITT_NONE -> pinged(nop);
      default -> {
        Optional<Exchange> exchange = Optional.ofNullable(pending.get(response.itt()));
        if (exchange.isPresent()) {
          exchange.get().receive(response, this);
        } else if (!forgotten.contains(response.itt())) {
          throw new ProtocolViolation("11.2.1.8", "no task waits for " + response.pdu());
        }
      }
    }
    return response;
  }

  private void count(Response response) {
    boolean numbered = response.carriesStatus() || !(response instanceof Response.DataIn);
    if (numbered && response.statSn() != expStatSn) {
      throw new ProtocolViolation(
          "4.2.2.2",
          "StatSN is not " + Integer.toUnsignedString(expStatSn) + ": " + response.pdu());
    }
    if (response.carriesStatus()) {
      expStatSn++;
    }
    session.window().update(response.expCmdSn(), response.maxCmdSn());
  }

  private void reject(Response.Reject reject) {
    rejects.add(reject);
    Optional.ofNullable(pending.get(reject.rejected().getInt(Field.ITT)))
        .ifPresent(exchange -> exchange.rejected(reject));
  }

  private void pinged(Response.NopIn ping) throws IOException {
    pings.add(ping);
    if (ping.wantsReply()) {
      channel.send(
          new Request.NopOut(
                  true,
                  ping.pdu().get(Field.LUN),
                  Request.ITT_NONE,
                  ping.ttt(),
                  session.window().cmdSn(),
                  expStatSn,
                  new byte[0])
              .toPdu());
    }
  }

  private SimpleExchange expect(int cmdSn, Class<? extends Response> response) {
    SimpleExchange exchange = new SimpleExchange(session.nextItt(), cmdSn, response);
    pending.put(exchange.itt(), exchange);
    return exchange;
  }

  private int number(boolean immediate) throws IOException {
    if (immediate) {
      return session.window().cmdSn();
    }
    receiveUntil(session.window()::isOpen, TIMEOUT, () -> "no room in the command window");
    return session.window().take();
  }

  /** Closes the TCP connection without a logout. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
