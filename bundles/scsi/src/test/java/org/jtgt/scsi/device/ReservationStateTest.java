// SPDX-License-Identifier: Apache-2.0
package org.jtgt.scsi.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jtgt.scsi.device.ReservationState.Change;
import org.jtgt.scsi.device.ReservationState.Request;
import org.jtgt.scsi.device.Reservations.Registrant;
import org.jtgt.scsi.device.Reservations.Result;
import org.jtgt.scsi.device.Reservations.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The service actions of PERSISTENT RESERVE OUT as SPC-4 5.13 describes them. */
class ReservationStateTest {
  private static final Registrant A = new Registrant("a", 1);
  private static final Registrant B = new Registrant("b", 1);
  private static final Registrant C = new Registrant("c", 1);

  private ReservationState state = ReservationState.EMPTY;

  private static Request request(Registrant by, long key, long actionKey) {
    return new Request(by, key, actionKey);
  }

  private Change apply(Change change) {
    state = change.next();
    return change;
  }

  private Change register(Registrant by, long key, long newKey) {
    return apply(state.register(request(by, key, newKey), false, List.of(), false));
  }

  private void three() {
    register(A, 0, 0xA);
    register(B, 0, 0xB);
    register(C, 0, 0xC);
  }

  // --- 5.13.7, table 46 ---

  @Test
  void registerOfAnUnregisteredNexusNeedsKeyZero() {
    assertThat(register(A, 7, 0xA).outcome().result()).isEqualTo(Result.CONFLICT);
    assertThat(register(A, 0, 0).outcome().result()).isEqualTo(Result.DONE);
    assertThat(state).isSameAs(ReservationState.EMPTY);
    assertThat(register(A, 0, 0xA).outcome().result()).isEqualTo(Result.DONE);
    assertThat(state.keys()).containsEntry(A, 0xAL);
  }

  @Test
  void registerOfARegisteredNexusChangesOrRemovesTheKey() {
    register(A, 0, 0xA);
    assertThat(register(A, 0, 0xD).outcome().result()).isEqualTo(Result.CONFLICT);
    register(A, 0xA, 0xD);
    assertThat(state.keys()).containsEntry(A, 0xDL);
    register(A, 0xD, 0);
    assertThat(state.keys()).isEmpty();
  }

  @Test
  void registerAndIgnoreExistingKeyNeedsNoKey() {
    register(A, 0, 0xA);
    apply(state.register(request(A, 0x99, 0xE), true, List.of(), false));
    assertThat(state.keys()).containsEntry(A, 0xEL);
    apply(state.register(request(B, 0x99, 0xB), true, List.of(), false));
    assertThat(state.keys()).containsEntry(B, 0xBL);
    apply(state.register(request(B, 0x99, 0), true, List.of(), false));
    assertThat(state.keys()).containsOnlyKeys(A);
  }

  @Test
  void furtherNexusesAreRegisteredTogetherAndRegisteredOnesKeepTheirKeys() {
    register(B, 0, 0xB);
    apply(state.register(request(A, 0, 0xA), false, List.of(B, C), false));
    assertThat(state.keys()).containsEntry(A, 0xAL).containsEntry(B, 0xBL).containsEntry(C, 0xAL);
    apply(state.register(request(A, 0xA, 0), false, List.of(B, C), false));
    assertThat(state.keys()).containsOnlyKeys(B);
  }

  @Test
  void tooManyRegistrationsAreRefusedAsAWhole() {
    List<Registrant> many =
        java.util.stream.IntStream.rangeClosed(1, ReservationState.MAXIMUM_REGISTRATIONS)
            .mapToObj(port -> new Registrant("x", port))
            .toList();
    Change refused = state.register(request(A, 0, 0xA), false, many, false);
    assertThat(refused.outcome().result()).isEqualTo(Result.NO_RESOURCES);
    assertThat(refused.next().keys()).isEmpty();
  }

  @Test
  void theHoldersUnregistrationReleasesAndTellsTheRegistrantsOfARegistrantsOnlyType() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE_REGISTRANTS_ONLY));
    Change change = register(A, 0xA, 0);
    assertThat(state.type()).isNull();
    assertThat(change.outcome().released()).containsExactlyInAnyOrder(B, C);
  }

  @Test
  void anAllRegistrantsReservationEndsWithItsLastRegistrant() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.EXCLUSIVE_ACCESS_ALL_REGISTRANTS));
    register(A, 0xA, 0);
    register(B, 0xB, 0);
    assertThat(state.holds(C)).isTrue();
    register(C, 0xC, 0);
    assertThat(state.type()).isNull();
  }

  // --- 5.13.9, 5.13.11.1.2 ---

  @Test
  void reserveAgainByTheHolderIsGoodOnlyWithTheSameType() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE));
    assertThat(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE).outcome().result())
        .isEqualTo(Result.DONE);
    assertThat(state.reserve(request(A, 0xA, 0), Type.EXCLUSIVE_ACCESS).outcome().result())
        .isEqualTo(Result.CONFLICT);
    assertThat(state.reserve(request(B, 0xB, 0), Type.WRITE_EXCLUSIVE).outcome().result())
        .isEqualTo(Result.CONFLICT);
  }

  @ParameterizedTest
  @EnumSource(Type.class)
  void releaseTellsTheOtherRegistrantsOfTheTypesThatAdmittedThem(Type type) {
    three();
    apply(state.reserve(request(A, 0xA, 0), type));
    Change change = apply(state.release(request(A, 0xA, 0), type));
    assertThat(state.type()).isNull();
    assertThat(change.outcome().released())
        .isEqualTo(
            type == Type.WRITE_EXCLUSIVE || type == Type.EXCLUSIVE_ACCESS
                ? Set.of()
                : Set.of(B, C));
  }

  @Test
  void releaseByARegisteredNexusThatDoesNotHoldIsGoodWithoutEffect() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE));
    Change change = apply(state.release(request(B, 0xB, 0), Type.WRITE_EXCLUSIVE));
    assertThat(change.outcome().result()).isEqualTo(Result.DONE);
    assertThat(state.holds(A)).isTrue();
    assertThat(state.release(request(B, 0xF, 0), Type.WRITE_EXCLUSIVE).outcome().result())
        .isEqualTo(Result.CONFLICT);
  }

  // --- 5.13.11.1.4 and following ---

  @Test
  void preemptOfTheHolderTakesTheReservationAndTellsOfAChangedType() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE_REGISTRANTS_ONLY));
    Change change = apply(state.preempt(request(B, 0xB, 0xA), Type.EXCLUSIVE_ACCESS));
    assertThat(state.holder()).isEqualTo(B);
    assertThat(state.type()).isEqualTo(Type.EXCLUSIVE_ACCESS);
    assertThat(state.keys()).containsOnlyKeys(B, C);
    assertThat(change.outcome().registrationsPreempted()).containsExactly(A);
    assertThat(change.outcome().released()).containsExactly(C);
  }

  @Test
  void preemptOfOthersThanTheHolderOnlyRemovesRegistrations() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE));
    Change change = apply(state.preempt(request(B, 0xB, 0xC), Type.EXCLUSIVE_ACCESS));
    assertThat(state.holder()).isEqualTo(A);
    assertThat(state.type()).isEqualTo(Type.WRITE_EXCLUSIVE);
    assertThat(state.keys()).containsOnlyKeys(A, B);
    assertThat(change.outcome().registrationsPreempted()).containsExactly(C);
  }

  @Test
  void preemptWithTheOwnKeyChangesTheHoldersTypeAndRemovesAnyOtherNexus() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE));
    apply(state.preempt(request(A, 0xA, 0xA), Type.EXCLUSIVE_ACCESS));
    assertThat(state.holder()).isEqualTo(A);
    assertThat(state.type()).isEqualTo(Type.EXCLUSIVE_ACCESS);
    Change change = apply(state.preempt(request(B, 0xB, 0xB), Type.EXCLUSIVE_ACCESS));
    assertThat(state.keys()).containsOnlyKeys(A, C);
    assertThat(change.outcome().registrationsPreempted()).isEmpty();
    assertThat(change.outcome().preempted()).containsExactly(B);
  }

  @Test
  void preemptWithKeyZeroIsForAllRegistrantsTypesOnly() {
    three();
    assertThat(state.preempt(request(B, 0xB, 0), Type.WRITE_EXCLUSIVE).outcome().result())
        .isEqualTo(Result.INVALID_KEY);
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE_ALL_REGISTRANTS));
    Change change = apply(state.preempt(request(B, 0xB, 0), Type.WRITE_EXCLUSIVE));
    assertThat(state.keys()).containsOnlyKeys(B);
    assertThat(state.holder()).isEqualTo(B);
    assertThat(state.type()).isEqualTo(Type.WRITE_EXCLUSIVE);
    assertThat(change.outcome().registrationsPreempted()).containsExactlyInAnyOrder(A, C);
  }

  @Test
  void preemptOfAKeyUnderAnAllRegistrantsTypeLeavesTheReservation() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE_ALL_REGISTRANTS));
    apply(state.preempt(request(B, 0xB, 0xA), Type.WRITE_EXCLUSIVE));
    assertThat(state.type()).isEqualTo(Type.WRITE_EXCLUSIVE_ALL_REGISTRANTS);
    assertThat(state.holds(C)).isTrue();
    assertThat(state.holds(A)).isFalse();
  }

  @Test
  void preemptOfAnUnknownKeyConflicts() {
    three();
    assertThat(state.preempt(request(B, 0xB, 0x77), Type.WRITE_EXCLUSIVE).outcome().result())
        .isEqualTo(Result.CONFLICT);
  }

  @Test
  void clearRemovesAllAndTellsTheOthersOfPreemptedReservations() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE));
    Change change = apply(state.clear(request(B, 0xB, 0)));
    assertThat(state.keys()).isEmpty();
    assertThat(state.type()).isNull();
    assertThat(change.outcome().reservationsPreempted()).containsExactlyInAnyOrder(A, C);
  }

  // --- 5.13.8 ---

  @Test
  void registerAndMoveGivesTheReservationToAnotherNexus() {
    three();
    apply(state.reserve(request(A, 0xA, 0), Type.EXCLUSIVE_ACCESS));
    Registrant to = new Registrant("d", 2);
    apply(state.move(request(A, 0xA, 0xD), to, true, false));
    assertThat(state.holder()).isEqualTo(to);
    assertThat(state.type()).isEqualTo(Type.EXCLUSIVE_ACCESS);
    assertThat(state.keys()).containsOnlyKeys(B, C, to).containsEntry(to, 0xDL);
  }

  @Test
  void registerAndMoveIsForTheHolderAndNotForAllRegistrantsTypes() {
    three();
    assertThat(state.move(request(A, 0xA, 1), C, false, false).outcome().result())
        .isEqualTo(Result.CONFLICT);
    apply(state.reserve(request(A, 0xA, 0), Type.EXCLUSIVE_ACCESS));
    assertThat(state.move(request(B, 0xB, 1), C, false, false).outcome().result())
        .isEqualTo(Result.CONFLICT);
    apply(state.release(request(A, 0xA, 0), Type.EXCLUSIVE_ACCESS));
    apply(state.reserve(request(A, 0xA, 0), Type.EXCLUSIVE_ACCESS_ALL_REGISTRANTS));
    assertThat(state.move(request(A, 0xA, 1), C, false, false).outcome().result())
        .isEqualTo(Result.CONFLICT);
  }

  // --- 6.15.2 ---

  @Test
  void theGenerationCountsWhatChangesRegistrationsAndNothingElse() {
    three();
    assertThat(state.generation()).isEqualTo(3);
    apply(state.reserve(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE));
    apply(state.release(request(A, 0xA, 0), Type.WRITE_EXCLUSIVE));
    assertThat(state.generation()).isEqualTo(3);
    register(A, 0xF, 0xE);
    assertThat(state.generation()).isEqualTo(3);
    apply(state.preempt(request(A, 0xA, 0xB), Type.WRITE_EXCLUSIVE));
    assertThat(state.generation()).isEqualTo(4);
    apply(state.clear(request(A, 0xA, 0)));
    assertThat(state.generation()).isEqualTo(5);
  }

  // --- 5.13.5 ---

  @Test
  void anImageGivesTheStateBackWithGenerationZero() {
    three();
    apply(state.reserve(request(B, 0xB, 0), Type.EXCLUSIVE_ACCESS_REGISTRANTS_ONLY));
    ReservationState back = ReservationImage.read(ReservationImage.write(state));
    assertThat(back.keys()).isEqualTo(state.keys());
    assertThat(back.holder()).isEqualTo(B);
    assertThat(back.type()).isEqualTo(Type.EXCLUSIVE_ACCESS_REGISTRANTS_ONLY);
    assertThat(back.persists()).isTrue();
    assertThat(back.generation()).isZero();
  }

  @Test
  void aDamagedImageIsNotUsed() {
    three();
    byte[] image = ReservationImage.write(state);
    for (int at = 0; at < image.length; at++) {
      byte[] damaged = image.clone();
      damaged[at] ^= 1;
      assertThatThrownBy(() -> ReservationImage.read(damaged))
          .isInstanceOf(IllegalArgumentException.class);
    }
    byte[] cut = new String(image, StandardCharsets.US_ASCII).substring(0, 40).getBytes();
    assertThatThrownBy(() -> ReservationImage.read(cut))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
