// SPDX-License-Identifier: Apache-2.0
package org.jtgt.isns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.jtgt.isns.message.Attribute;
import org.jtgt.isns.message.Function;
import org.jtgt.isns.message.Message;
import org.jtgt.isns.message.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {
  private static byte[] bytes(Message message, boolean byServer) throws IOException {
    var out = new ByteArrayOutputStream();
    message.writeTo(out, byServer);
    return out.toByteArray();
  }

  private static Message read(byte[] bytes) throws IOException {
    return Message.readFrom(new ByteArrayInputStream(bytes));
  }

  @Test
  void aRequestHasTheHeaderOfTheRfc_5_1() throws IOException {
    Message request =
        new Message(
            Function.DEV_ATTR_REG,
            true,
            0x0102,
            0,
            List.of(Attribute.text(Tag.ISCSI_NAME, "iqn.a"), Attribute.empty(Tag.DELIMITER)));

    assertThat(HexFormat.of().formatHex(bytes(request, false)))
        .isEqualTo(
            "0001" // version
                + "0001" // DevAttrReg
                + "0018" // 24 bytes follow the header
                + "9c00" // by a client, replace, last and first PDU
                + "0102"
                + "0000"
                + "00000020"
                + "00000008" // the padding counts
                + "69716e2e61000000"
                + "0000000000000000");
  }

  @Test
  void aResponseBeginsWithItsStatus_5_5() throws IOException {
    Message request = Message.request(Function.DEV_DEREG, 7, List.of());
    Message response = read(bytes(request.response(22, List.of()), true));

    assertThat(response.isResponse()).isTrue();
    assertThat(response.status()).isEqualTo(22);
    assertThat(response.transaction()).isEqualTo(7);
  }

  @Test
  void anIPv4AddressIsMappedIntoIPv6_6_3_1() {
    assertThat(Attribute.address(16, InetAddress.ofLiteral("192.0.2.7")))
        .hasToString("16=00000000000000000000ffffc0000207");
  }

  @Test
  void aTextThatFillsItsWordsStillEndsInNul_5_2() {
    assertThat(Attribute.text(1, "four").value()).hasSize(8);
    assertThat(Attribute.text(1, "four").asText()).isEqualTo("four");
  }

  @Test
  void aLongMessageTakesSeveralPdus_5_1_4() throws IOException {
    List<Attribute> many =
        IntStream.range(0, 1000)
            .mapToObj(i ->
                Attribute.text(Tag.ISCSI_NAME, "iqn.2026-11.org.example:" + "x".repeat(i % 200)))
            .toList();
    Message long1 = Message.request(Function.DEV_ATTR_REG, 9, many);
    byte[] bytes = bytes(long1, false);

    assertThat(bytes.length).isGreaterThan(65536);
    assertThat(read(bytes)).isEqualTo(long1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 11, 12, 15, 20, 31})
  void aMessageThatIsCutIsAnError(int bytes) throws IOException {
    byte[] whole =
        bytes(
            Message.request(
                Function.DEV_DEREG, 7, List.of(Attribute.text(Tag.ISCSI_NAME, "iqn.abc"))),
            false);
    byte[] cut = java.util.Arrays.copyOf(whole, Math.min(bytes, whole.length - 1));

    assertThatThrownBy(() -> read(cut)).isInstanceOf(IOException.class);
  }

  @Test
  void whatIsNoIsnsMessageIsAnError() {
    assertThatThrownBy(() -> read("GET / HTTP/1.1\r\n\r\n".getBytes()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no iSNS message");
  }

  @Test
  void anAttributeThatIsLongerThanItsMessageIsAnError() {
    byte[] bytes =
        HexFormat.of().parseHex("000100040008" + "8c0000070000" + "00000020" + "7fffffff");

    assertThatThrownBy(() -> read(bytes)).hasMessageContaining("cut");
  }
}
