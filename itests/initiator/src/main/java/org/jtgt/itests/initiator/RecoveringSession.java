// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A session that recovers at levels 1 and 2 (RFC 7143 7): lost or damaged PDUs by SNACK, command
 * retry and pings, lost connections by a logout for recovery and task reassignment. Commands are
 * spread over its connections. It tolerates what a faulty network does, and nothing else. Used by
 * one thread at a time.
 */
public final class RecoveringSession implements AutoCloseable {
  private static final long SILENCE_NANOS = 200_000_000L;
  private static final long DEAD_NANOS = 10_000_000_000L;
  private static final long PATIENCE_NANOS = 90_000_000_000L;
  private static final int MOST_LOGINS = 50;

  /** How often each kind of recovery was needed. */
  public static final class Counts {
    public int statusSnacks;
    public int dataSnacks;
    public int r2tSnacks;
    public int dataAcks;
    public int commandRetries;
    public int rejects;
    public int damaged;
    public int reconnections;
    public int reassignments;

    @Override
    public String toString() {
      return "status SNACK %d, data SNACK %d, R2T SNACK %d, DataACK %d, retried %d, rejected %d, damaged %d, reconnected %d, reassigned %d"
          .formatted(
              statusSnacks,
              dataSnacks,
              r2tSnacks,
              dataAcks,
              commandRetries,
              rejects,
              damaged,
              reconnections,
              reassignments);
    }
  }

  private static final class Link {
    final PduChannel channel;
    final int cid;
    final OperationalParameters parameters;
    final Map<Integer, Response> early = new TreeMap<>();
    int expStatSn;
    long heard = System.nanoTime();
    long asked = heard;

    Link(PduChannel channel, int cid, OperationalParameters parameters, int expStatSn) {
      this.channel = channel;
      this.cid = cid;
      this.parameters = parameters;
      this.expStatSn = expStatSn;
    }
  }

  /** A command under way. */
  private static final class Task {
    final ScsiCommand command;
    final int place;
    final byte[] dataIn;
    final BitSet seen = new BitSet();
    final Set<Integer> r2ts = new HashSet<>();
    int itt;
    int cmdSn;
    Link link;
    Optional<Response.Status> status = Optional.empty();
    Optional<Response.DataIn> acknowledge = Optional.empty();
    long dataInBytes;
    long touched;
    boolean reassigned;

    Task(ScsiCommand command, int place) {
      this.command = command;
      this.place = place;
      this.dataIn = new byte[command.dataInBytes()];
    }
  }

  private final InetSocketAddress portal;
  private final LoginOptions options;
  private final CommandWindow window;
  private final OperationalParameters parameters;
  private final int tsih;
  private final List<Link> links = new ArrayList<>();
  private final Map<Integer, Task> tasks = new HashMap<>();
  private final Map<Integer, Response> answers = new HashMap<>();
  private final Set<Integer> awaited = new HashSet<>();
  private final Set<Integer> deadCids = new HashSet<>();
  private final Counts counts = new Counts();
  private ScsiResult[] results = new ScsiResult[0];
  private int nextCid;
  private int nextItt = 0x100;
  private int nextLink;

  private RecoveringSession(
      InetSocketAddress portal,
      LoginOptions options,
      PduChannel channel,
      LoginDriver.Outcome login) {
    this.portal = portal;
    this.options = options;
    this.parameters = login.parameters();
    this.tsih = login.last().tsih();
    this.window =
        new CommandWindow(options.cmdSn(), login.last().expCmdSn(), login.last().maxCmdSn());
    this.nextCid = options.cid() + 1;
    links.add(new Link(channel, options.cid(), parameters, login.last().statSn() + 1));
  }

  /** Logs in with so many connections; the options name the recovery level. */
  public static RecoveringSession login(
      InetSocketAddress portal, LoginOptions options, int connections) throws IOException {
    PduChannel channel = PduChannel.connect(portal);
    RecoveringSession session =
        new RecoveringSession(portal, options, channel, LoginDriver.login(channel, options));
    while (session.links.size() < connections) {
      session.links.add(session.connect(session.nextCid++));
    }
    return session;
  }

  public OperationalParameters parameters() {
    return parameters;
  }

  public Counts counts() {
    return counts;
  }

  public ScsiResult execute(ScsiCommand command) throws IOException {
    return executeAll(List.of(command)).getFirst();
  }

  /** Runs commands at once, over all connections, and gives their results in the same order. */
  public List<ScsiResult> executeAll(List<ScsiCommand> commands) throws IOException {
    results = new ScsiResult[commands.size()];
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    int submitted = 0;
    while (submitted < commands.size() || !tasks.isEmpty()) {
      if (submitted < commands.size() && window.isOpen()) {
        submit(new Task(commands.get(submitted), submitted));
        submitted++;
      } else {
        pump();
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            tasks.size() + " of " + commands.size() + " commands do not end; " + counts);
      }
    }
    return List.of(results);
  }

  private void submit(Task task) throws IOException {
    task.itt = nextItt++;
    task.cmdSn = window.take();
    task.link = links.get(nextLink++ % links.size());
    tasks.put(task.itt, task);
    attempt(task.link, () -> sendCommand(task));
  }

  private void sendCommand(Task task) throws IOException {
    Link link = task.link;
    ScsiCommand command = task.command;
    task.touched = System.nanoTime();
    int immediate = command.immediateBytes(link.parameters);
    int unsolicited = command.unsolicitedBytes(link.parameters);
    boolean fin = unsolicited <= immediate;
    link.channel.send(
        command.request(task.itt, task.cmdSn, link.expStatSn, immediate, fin).toPdu());
    if (!fin) {
      sendDataOut(task, Request.TTT_NONE, immediate, unsolicited);
    }
  }

  private void sendDataOut(Task task, int ttt, int from, int to) throws IOException {
    Link link = task.link;
    int dataSn = 0;
    for (int at = from; at < to; ) {
      int end = Math.min(to, at + link.parameters.targetMaxRecv());
      byte[] part = Arrays.copyOfRange(task.command.dataOut(), at, end);
      link.channel.send(
          new Request.DataOut(
                  end == to, task.command.lun(), task.itt, ttt, link.expStatSn, dataSn++, at, part)
              .toPdu());
      at = end;
    }
  }

  // ---- receiving -------------------------------------------------------------------------------

  private interface Sending {
    void send() throws IOException;
  }

  /** Does something on a connection; when that turns out to be gone, recovers it. */
  private void attempt(Link link, Sending sending) throws IOException {
    try {
      sending.send();
    } catch (ConnectionClosedException e) {
      lost(link, e);
    }
  }

  private void pump() throws IOException {
    for (Link link : List.copyOf(links)) {
      if (links.contains(link)) {
        attempt(link, () -> receiveSome(link));
      }
    }
    for (Link link : List.copyOf(links)) {
      if (links.contains(link)) {
        attempt(link, () -> lookAfter(link));
      }
    }
  }

  private void receiveSome(Link link) throws IOException {
    for (int i = 0; i < 64; i++) {
      Optional<Pdu> pdu;
      try {
        pdu = link.channel.poll(Duration.ofMillis(1));
      } catch (WrongDigest e) {
        counts.damaged++;
        if (e.header()) {
          throw new ConnectionClosedException("header digest error", e);
        }
        continue;
      }
      if (pdu.isEmpty()) {
        return;
      }
      link.heard = System.nanoTime();
      take(link, Response.of(pdu.get()));
    }
  }

  private void take(Link link, Response response) throws IOException {
    window.update(response.expCmdSn(), response.maxCmdSn());
    if (response instanceof Response.DataIn in && !in.carriesStatus()) {
      dataIn(link, in);
      return;
    }
    int ahead = response.statSn() - link.expStatSn;
    if (response.carriesStatus()) {
      if (ahead >= 0) {
        link.early.putIfAbsent(response.statSn(), response);
        replaceTagged(link, response);
        inOrder(link);
      }
    } else if (response instanceof Response.R2t r2t) {
      r2t(link, r2t);
    } else if (response instanceof Response.NopIn ping && ping.wantsReply()) {
      reply(link, ping);
    }
    if (ahead > 0 && !link.early.containsKey(link.expStatSn)) {
      statusSnack(link, response.statSn() - link.expStatSn);
    }
  }

  /** Of two responses with one StatSN the later holds (RFC 7143 11.16.3). */
  private static void replaceTagged(Link link, Response response) {
    if (response instanceof Response.Status) {
      link.early.put(response.statSn(), response);
    }
  }

  private void inOrder(Link link) throws IOException {
    Response next = link.early.get(link.expStatSn);
    while (next != null && ended(link, next)) {
      link.early.remove(link.expStatSn++);
      next = link.early.get(link.expStatSn);
    }
  }

  /** Acts on a response in its turn; false when it has to wait for lost data. */
  private boolean ended(Link link, Response response) throws IOException {
    switch (response) {
      case Response.Status status -> {
        Task task = tasks.get(status.itt());
        if (task != null) {
          task.status = Optional.of(status);
          if (!complete(task, status)) {
            dataSnack(link, task, status.expDataSn());
            return false;
          }
          finish(task, status);
        }
      }
      case Response.DataIn in -> throw new ProtocolViolation("11.7.3", "status in " + in.pdu());
      case Response.Reject reject -> rejected(link, reject);
      default -> {
        if (awaited.remove(response.itt())) {
          answers.put(response.itt(), response);
        }
      }
    }
    return true;
  }

  private static boolean complete(Task task, Response.Status status) {
    boolean reads = task.command.dataInBytes() > 0 && task.command.dataOut().length == 0;
    return !reads || task.seen.nextClearBit(0) >= status.expDataSn();
  }

  private void finish(Task task, Response.Status status) {
    tasks.remove(task.itt);
    byte[] sense = status.senseBytes();
    results[task.place] =
        new ScsiResult(
            status.response(),
            status.status(),
            sense.length > 0 ? Optional.of(Sense.decode(sense)) : Optional.empty(),
            Arrays.copyOf(task.dataIn, (int) task.dataInBytes),
            status.pdu().get(Field.RESIDUAL_COUNT),
            status.pdu().is(Field.OVERFLOW),
            status.pdu().is(Field.UNDERFLOW),
            List.of());
  }

  private void dataIn(Link link, Response.DataIn in) throws IOException {
    Task task = tasks.get(in.itt());
    if (task == null) {
      return;
    }
    task.touched = System.nanoTime();
    if (!task.seen.get(in.dataSn())) {
      task.seen.set(in.dataSn());
      byte[] data = in.pdu().data();
      System.arraycopy(data, 0, task.dataIn, (int) in.offset(), data.length);
      task.dataInBytes = Math.max(task.dataInBytes, in.offset() + data.length);
    }
    int missing = task.seen.nextClearBit(0);
    if (missing < in.dataSn() && !task.seen.get(missing)) {
      dataSnack(link, task, in.dataSn());
    }
    if (in.pdu().is(Field.ACKNOWLEDGE)) {
      task.acknowledge = Optional.of(in);
    }
    if (task.acknowledge.isPresent() && task.acknowledge.get().dataSn() < missing) {
      Response.DataIn asks = task.acknowledge.get();
      task.acknowledge = Optional.empty();
      counts.dataAcks++;
      snack(
          link,
          Request.Snack.DATA_ACK,
          asks.pdu().get(Field.LUN),
          Request.ITT_NONE,
          asks.ttt(),
          asks.dataSn() + 1,
          0);
    }
    if (link.early.get(link.expStatSn) instanceof Response.Status status
        && status.itt() == task.itt) {
      inOrder(link);
    }
  }

  private void r2t(Link link, Response.R2t r2t) throws IOException {
    Task task = tasks.get(r2t.itt());
    if (task == null || task.link != link || !task.r2ts.add(r2t.r2tSn())) {
      return;
    }
    task.touched = System.nanoTime();
    int expected = nextR2tSn(task);
    if (expected < r2t.r2tSn()) {
      counts.r2tSnacks++;
      snack(
          link,
          Request.Snack.DATA_OR_R2T,
          task.command.lun(),
          task.itt,
          Request.TTT_NONE,
          expected,
          r2t.r2tSn() - expected);
    }
    sendDataOut(task, r2t.ttt(), (int) r2t.offset(), (int) (r2t.offset() + r2t.desiredBytes()));
  }

  private static int nextR2tSn(Task task) {
    int next = 0;
    while (task.r2ts.contains(next)) {
      next++;
    }
    return next;
  }

  private void rejected(Link link, Response.Reject reject) throws IOException {
    counts.rejects++;
    Pdu of = reject.rejected();
    switch (reject.reason()) {
      case Response.Reject.DATA_DIGEST_ERROR -> {
        Task task = tasks.get(of.getInt(Field.ITT));
        if (of.opcode() == Opcode.SCSI_COMMAND && task != null && task.link == link) {
          counts.commandRetries++;
          sendCommand(task);
        }
      }
      case Response.Reject.PROTOCOL_ERROR, Response.Reject.INVALID_DATA_ACK -> {
        if (of.opcode() != Opcode.SNACK_REQUEST) {
          throw new ProtocolViolation("11.17", "unexpected " + reject.pdu() + " of " + of);
        }
      }
      default -> throw new ProtocolViolation("11.17", "unexpected " + reject.pdu() + " of " + of);
    }
  }

  private void reply(Link link, Response.NopIn ping) throws IOException {
    link.channel.send(
        new Request.NopOut(
                true,
                ping.pdu().get(Field.LUN),
                Request.ITT_NONE,
                ping.ttt(),
                window.cmdSn(),
                link.expStatSn,
                new byte[0])
            .toPdu());
  }

  // ---- asking again ----------------------------------------------------------------------------

  /** What to do when nothing comes: ping, retry, ask for what is missing. */
  private void lookAfter(Link link) throws IOException {
    long now = System.nanoTime();
    if (tasks.isEmpty() && awaited.isEmpty()) {
      link.heard = now;
      return;
    }
    if (now - link.asked < SILENCE_NANOS) {
      return;
    }
    link.asked = now;
    for (Task task : List.copyOf(tasks.values())) {
      if (task.link == link && now - task.touched > SILENCE_NANOS) {
        askFor(link, task);
      }
    }
    if (now - link.heard > DEAD_NANOS) {
      throw new ConnectionClosedException("nothing comes", new SocketTimeoutException());
    }
    int itt = nextItt++;
    awaited.add(itt);
    link.channel.send(
        new Request.NopOut(
                true, 0, itt, Request.TTT_NONE, window.cmdSn(), link.expStatSn, new byte[0])
            .toPdu());
  }

  private void askFor(Link link, Task task) throws IOException {
    if (!Serial.lessThan(task.cmdSn, window.expCmdSn())) {
      counts.commandRetries++;
      sendCommand(task);
    } else if (task.status.isPresent()) {
      dataSnack(link, task, task.status.get().expDataSn());
    }
  }

  private void statusSnack(Link link, int run) throws IOException {
    counts.statusSnacks++;
    snack(link, Request.Snack.STATUS, 0, Request.ITT_NONE, Request.TTT_NONE, link.expStatSn, run);
  }

  private void dataSnack(Link link, Task task, int end) throws IOException {
    int from = task.seen.nextClearBit(0);
    while (from < end) {
      int to = task.seen.nextSetBit(from);
      int run = (to < 0 ? end : Math.min(to, end)) - from;
      counts.dataSnacks++;
      snack(
          link,
          Request.Snack.DATA_OR_R2T,
          task.command.lun(),
          task.itt,
          Request.TTT_NONE,
          from,
          run);
      from = task.seen.nextClearBit(from + run);
    }
  }

  private void snack(Link link, int type, long lun, int itt, int ttt, int begRun, int run)
      throws IOException {
    link.channel.send(new Request.Snack(type, lun, itt, ttt, link.expStatSn, begRun, run).toPdu());
  }

  // ---- level 2 ---------------------------------------------------------------------------------

  private void lost(Link link, IOException why) throws IOException {
    if (parameters.errorRecoveryLevel() < 2) {
      throw new IOException("connection lost at level " + parameters.errorRecoveryLevel(), why);
    }
    if (!links.remove(link)) {
      return;
    }
    link.channel.close();
    deadCids.add(link.cid);
    for (Task task : tasks.values()) {
      if (task.link == link) {
        task.link = null;
      }
    }
    recover();
  }

  /** Brings a new connection and the tasks of lost ones to it (RFC 7143 7.2.2). */
  private void recover() throws IOException {
    for (int attempt = 0; attempt < MOST_LOGINS; attempt++) {
      Link link = null;
      try {
        // Every other time the old CID is used again: an implicit logout.
        boolean implicit = deadCids.size() == 1 && counts.reconnections % 2 == 0;
        link = connect(implicit ? deadCids.iterator().next() : nextCid++);
        counts.reconnections++;
        links.add(link);
        if (implicit) {
          deadCids.clear();
        }
        for (int cid : List.copyOf(deadCids)) {
          logoutForRecovery(link, cid);
          deadCids.remove(cid);
        }
        for (Task task : List.copyOf(tasks.values())) {
          if (task.link == null && tasks.containsValue(task)) {
            takeOver(link, task);
          }
        }
        return;
      } catch (ConnectionClosedException e) {
        if (link != null) {
          links.remove(link);
          link.channel.close();
          deadCids.add(link.cid);
          for (Task task : tasks.values()) {
            if (task.link == link) {
              task.link = null;
            }
          }
        }
      }
    }
    throw new IOException("no connection after " + MOST_LOGINS + " logins");
  }

  private Link connect(int cid) throws IOException {
    PduChannel channel = PduChannel.connect(portal);
    try {
      LoginDriver.Outcome login =
          LoginDriver.login(channel, options.joining(tsih, cid, window.cmdSn()));
      // Which commands have arrived, before any is sent again.
      window.update(login.last().expCmdSn(), login.last().maxCmdSn());
      return new Link(
          channel, cid, parameters.withConnectionOf(login.parameters()), login.last().statSn() + 1);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  private void logoutForRecovery(Link link, int cid) throws IOException {
    int itt = nextItt++;
    Response answer =
        request(
            link,
            itt,
            new Request.Logout(
                    true,
                    Request.Logout.REMOVE_FOR_RECOVERY,
                    itt,
                    cid,
                    window.cmdSn(),
                    link.expStatSn)
                .toPdu());
    int response = ((Response.Logout) answer).response();
    // 1: the target had not got so far with that connection.
    if (response != 0 && response != 1) {
      throw new ProtocolViolation("11.15.1", "logout for recovery: " + answer.pdu());
    }
  }

  private void takeOver(Link link, Task task) throws IOException {
    task.link = link;
    if (!Serial.lessThan(task.cmdSn, window.expCmdSn())) {
      counts.commandRetries++;
      sendCommand(task);
      return;
    }
    // What is not acknowledged is discarded and comes again (RFC 7143 11.5.6).
    int contiguous = task.seen.nextClearBit(0);
    task.seen.clear(contiguous, Math.max(contiguous, task.seen.length()));
    int r2ts = nextR2tSn(task);
    task.r2ts.removeIf(sn -> sn >= r2ts);
    task.status = Optional.empty();
    task.acknowledge = Optional.empty();
    int itt = nextItt++;
    counts.reassignments++;
    Response answer =
        request(
            link,
            itt,
            new Request.TaskManagement(
                    true,
                    TaskFunction.TASK_REASSIGN,
                    task.command.lun(),
                    itt,
                    task.itt,
                    window.cmdSn(),
                    link.expStatSn,
                    task.cmdSn,
                    task.command.dataOut().length > 0 ? r2ts : contiguous)
                .toPdu());
    task.touched = System.nanoTime();
    switch (((Response.TaskManagement) answer).response()) {
      case TaskFunction.FUNCTION_COMPLETE -> task.reassigned = true;
      case TaskFunction.TASK_STILL_ALLEGIANT -> {
        if (!task.reassigned && tasks.containsKey(task.itt)) {
          throw new ProtocolViolation("7.2.2", "still allegiant after a logout: " + answer.pdu());
        }
      }
      default -> throw new ProtocolViolation("11.6.1", "reassignment: " + answer.pdu());
    }
  }

  /** Sends an immediate request until it is answered. */
  private Response request(Link link, int itt, Pdu pdu) throws IOException {
    awaited.add(itt);
    long deadline = System.nanoTime() + DEAD_NANOS;
    long sent = 0;
    while (!answers.containsKey(itt)) {
      long now = System.nanoTime();
      if (now > deadline) {
        throw new ConnectionClosedException("no answer", new SocketTimeoutException());
      }
      if (now - sent > SILENCE_NANOS) {
        link.channel.send(pdu.with(Field.EXP_STAT_SN, link.expStatSn));
        sent = now;
      }
      try {
        receiveSome(link);
      } catch (ConnectionClosedException e) {
        // After the answer to a logout that is as it should be.
        if (!answers.containsKey(itt)) {
          throw e;
        }
      }
    }
    return answers.remove(itt);
  }

  // ---- end -------------------------------------------------------------------------------------

  /** Logs the session out. */
  public void logout() throws IOException {
    int itt = nextItt++;
    Link link = links.getFirst();
    Response answer =
        request(
            link,
            itt,
            new Request.Logout(
                    true,
                    Request.Logout.CLOSE_SESSION,
                    itt,
                    link.cid,
                    window.cmdSn(),
                    link.expStatSn)
                .toPdu());
    close();
    if (((Response.Logout) answer).response() != 0) {
      throw new ProtocolViolation("11.15.1", "logout: " + answer.pdu());
    }
  }

  /** Closes the connections. */
  @Override
  public void close() throws IOException {
    for (Link link : links) {
      link.channel.close();
    }
  }
}
