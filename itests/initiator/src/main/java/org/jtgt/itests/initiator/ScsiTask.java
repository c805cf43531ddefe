// SPDX-License-Identifier: Apache-2.0
package org.jtgt.itests.initiator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A SCSI command under way: takes Data-In, answers R2T, and checks every PDU against RFC 7143 11.4,
 * 11.7 and 11.8 and what was negotiated.
 */
public final class ScsiTask extends Exchange {
  private final ScsiCommand command;
  private final OperationalParameters negotiated;
  private final byte[] dataIn;
  private final List<Response.R2t> openR2ts = new ArrayList<>();
  private int dataInPdus;
  private int r2tPdus;
  private long dataInBytes;
  private long burstBytes;
  private long solicitedUpTo;
  private Optional<ScsiResult> result = Optional.empty();

  ScsiTask(ScsiCommand command, int itt, int cmdSn, OperationalParameters negotiated) {
    super(itt, cmdSn);
    this.command = command;
    this.negotiated = negotiated;
    this.dataIn = new byte[command.dataInBytes()];
    this.solicitedUpTo = command.unsolicitedBytes(negotiated);
  }

  public ScsiCommand command() {
    return command;
  }

  /** R2Ts that were left to the test and not answered yet. */
  public List<Response.R2t> openR2ts() {
    return List.copyOf(openR2ts);
  }

  /** How the command ended; empty while it runs. */
  public Optional<ScsiResult> result() {
    return result;
  }

  @Override
  void accept(Response response, Connection connection) throws IOException {
    switch (response) {
      case Response.DataIn in -> dataIn(in);
      case Response.R2t r2t -> r2t(r2t, connection);
      case Response.Status status -> status(status);
      default -> throw violation("11.2.1.8", "answers a SCSI command", response);
    }
  }

  /** Answers one R2T that was left to the test, with the data it asks for. */
  public void answer(Response.R2t r2t, Connection connection) throws IOException {
    openR2ts.remove(r2t);
    connection.sendDataOut(
        command, itt(), r2t.ttt(), (int) r2t.offset(), (int) (r2t.offset() + r2t.desiredBytes()));
  }

  private void dataIn(Response.DataIn in) {
    int length = in.pdu().dataBytes();
    long end = in.offset() + length;
    require(in.dataSn() == nextDataSn(), "11.7.5", "DataSN is not " + nextDataSn(), in);
    require(length <= negotiated.initiatorMaxRecv(), "13.12", "longer than we take", in);
    require(end <= dataIn.length, "11.7.1", "beyond the expected " + dataIn.length + " bytes", in);
    if (negotiated.dataPduInOrder() && negotiated.dataSequenceInOrder()) {
      require(in.offset() == dataInBytes, "13.18", "Buffer Offset is not " + dataInBytes, in);
    }
    require(
        !in.pdu().is(Field.ACKNOWLEDGE) || negotiated.errorRecoveryLevel() > 0,
        "11.7.2",
        "A bit at error recovery level 0",
        in);
    burstBytes += length;
    require(burstBytes <= negotiated.maxBurst(), "13.13", "burst of " + burstBytes, in);
    dataInPdus++;
    dataInBytes += length;
    System.arraycopy(in.pdu().data(), 0, dataIn, (int) in.offset(), length);
    if (in.fin()) {
      burstBytes = 0;
    }
    if (in.carriesStatus()) {
      require(in.fin(), "11.7.3", "S without F", in);
      require(
          in.pdu().getInt(Field.STATUS) != ScsiResult.CHECK_CONDITION,
          "11.4.7",
          "CHECK CONDITION without sense data",
          in);
      end(in, 0, in.pdu().getInt(Field.STATUS), Optional.empty());
    }
  }

  private void r2t(Response.R2t r2t, Connection connection) throws IOException {
    require(r2t.r2tSn() == nextDataSn(), "11.8.2", "R2TSN is not " + nextDataSn(), r2t);
    require(r2t.ttt() != Request.TTT_NONE, "11.8.4", "reserved Target Transfer Tag", r2t);
    require(r2t.desiredBytes() > 0, "11.8.4", "asks for nothing", r2t);
    require(r2t.desiredBytes() <= negotiated.maxBurst(), "13.13", "beyond MaxBurstLength", r2t);
    long end = r2t.offset() + r2t.desiredBytes();
    require(end <= command.dataOut().length, "11.8.4", "beyond the data-out buffer", r2t);
    if (negotiated.dataSequenceInOrder()) {
      require(r2t.offset() == solicitedUpTo, "13.19", "does not go on at " + solicitedUpTo, r2t);
    }
    solicitedUpTo = end;
    r2tPdus++;
    openR2ts.add(r2t);
    if (command.answersR2t()) {
      answer(r2t, connection);
    } else {
      require(
          openR2ts.size() <= negotiated.maxOutstandingR2t(),
          "13.17",
          openR2ts.size() + " R2Ts outstanding",
          r2t);
    }
  }

  private void status(Response.Status status) {
    if (status.response() == Response.Status.COMMAND_COMPLETED) {
      int sent = status.expDataSn();
      boolean countsAll = sent == dataInPdus + r2tPdus || sent == dataInPdus;
      require(
          countsAll,
          "11.4.8",
          "ExpDataSN, but " + dataInPdus + " Data-In and " + r2tPdus + " R2T PDUs came",
          status);
    }
    byte[] sense = status.senseBytes();
    require(
        status.status() != ScsiResult.CHECK_CONDITION || sense.length > 0,
        "11.4.7",
        "CHECK CONDITION without sense data",
        status);
    end(
        status,
        status.response(),
        status.status(),
        sense.length > 0 ? Optional.of(Sense.decode(sense)) : Optional.empty());
  }

  private void end(Response last, int response, int status, Optional<Sense> sense) {
    boolean overflow = last.pdu().is(Field.OVERFLOW);
    boolean underflow = last.pdu().is(Field.UNDERFLOW);
    long residual = last.pdu().get(Field.RESIDUAL_COUNT);
    require(!(overflow && underflow), "11.4.1", "O and U together", last);
    require(overflow || underflow || residual == 0, "11.4.5.1", "residual without O or U", last);
    boolean readOnly = command.dataOut().length == 0;
    if (readOnly && response == 0 && status == ScsiResult.GOOD && dataIn.length > 0) {
      long missing = dataIn.length - dataInBytes;
      require(
          missing == (underflow ? residual : 0),
          "11.4.5.1",
          missing + " bytes did not come but the residual differs",
          last);
    }
    result =
        Optional.of(
            new ScsiResult(
                response,
                status,
                sense,
                Arrays.copyOf(dataIn, (int) dataInBytes),
                residual,
                overflow,
                underflow,
                pdus()));
    finish();
  }

  /** Data-In and R2T PDUs of a command share one numbering (RFC 7143 4.2.2.3). */
  private int nextDataSn() {
    return dataInPdus + r2tPdus;
  }

  private static void require(boolean holds, String section, String what, Response response) {
    if (!holds) {
      throw violation(section, what, response);
    }
  }

  private static ProtocolViolation violation(String section, String what, Response response) {
    return new ProtocolViolation(section, what + ": " + response.pdu());
  }
}
