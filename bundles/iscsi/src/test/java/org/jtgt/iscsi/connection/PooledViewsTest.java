// SPDX-License-Identifier: Apache-2.0
package org.jtgt.iscsi.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PooledViewsTest {
  private final PooledByteBufAllocator pool = new PooledByteBufAllocator(true);

  @Test
  void showsThePartThatWasAskedForWhateverWasDoneToTheViewBefore() {
    ByteBuf buffer = pool.directBuffer(100);
    try {
      ByteBuffer view = PooledViews.of(buffer, 10, 50);
      view.order(ByteOrder.LITTLE_ENDIAN).position(7).limit(20);
      ByteBuffer again = PooledViews.of(buffer, 10, 40);
      again.putInt(0, 0x01020304);
      assertThat(again.position()).isZero();
      assertThat(again.limit()).isEqualTo(40);
      assertThat(buffer.getInt(10)).isEqualTo(0x01020304);
    } finally {
      buffer.release();
    }
  }

  @Test
  void makesALargerViewWhereASmallerOneIsKnown() {
    ByteBuf buffer = pool.directBuffer(100);
    try {
      assertThat(PooledViews.of(buffer, 0, 10).capacity()).isEqualTo(10);
      assertThat(PooledViews.of(buffer, 0, 100).remaining()).isEqualTo(100);
    } finally {
      buffer.release();
    }
  }

  @Test
  void neverGivesTheSameViewToBuffersThatLiveTogether() {
    List<ByteBuf> buffers = new ArrayList<>();
    List<ByteBuffer> views = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      ByteBuf buffer = pool.directBuffer(64);
      buffers.add(buffer);
      views.add(PooledViews.of(buffer, 8, 32).putInt(0, i));
    }
    for (int i = 0; i < buffers.size(); i++) {
      assertThat(buffers.get(i).getInt(8)).isEqualTo(i);
      assertThat(views.get(i).getInt(0)).isEqualTo(i);
    }
    buffers.forEach(ByteBuf::release);
  }

  @Test
  void takesBuffersWithoutAnAddressAsTheyAre() {
    assertThat(PooledViews.of(Unpooled.wrappedBuffer(new byte[8]), 2, 4).remaining()).isEqualTo(4);
  }
}
