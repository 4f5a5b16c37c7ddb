#include "gateway/ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <set>

#include "gateway/verdict.hpp"
#include "support/manual_clock.hpp"
#include "support/run_task.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::gateway {
namespace {

using testing_support::run_task;
using testing_support::some_deadline;

class UnitGatewayLedger : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "ledger"; }
  Result<std::unique_ptr<Ledger>> open() const { return Ledger::open({.path = path()}); }
  void charge_all(Ledger& ledger, int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(ledger.charge({key(i), Money{100 + i}, {}}, false));
  }
  static std::string key(int i) { return fmt::format("{}/payment_processing/forward", i); }
  void write_at(std::uintmax_t offset, std::string_view bytes) {
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  test::TemporaryFolder folder_;
};

TEST_F(UnitGatewayLedger, IsAFileThatPeopleCanRead) {
  run_task([](Ledger& ledger) -> Task<void> {
    EXPECT_TRUE(ledger.charge({"0199/payment_processing/forward", Money{1999}, {}}, false));
    co_return;
  }(*open().value()));
  std::ifstream file(path());
  std::string header;
  std::string line;
  std::getline(file, header);
  std::getline(file, line);
  EXPECT_TRUE(header.starts_with("edda payment simulator, ledger format 1"));
  EXPECT_TRUE(line.starts_with("charge succeeded             1999 USD"));
  EXPECT_NE(line.find(" 0199/payment_processing/forward "), std::string::npos);
  EXPECT_EQ(line.size() + 1, record_bytes);
}

TEST_F(UnitGatewayLedger, IsHeldByOneProcess) {
  const auto first = open();
  ASSERT_TRUE(first);
  EXPECT_EQ(open().error().code, Errc::already_exists);
}

TEST_F(UnitGatewayLedger, CutsALineThatACrashLeftTorn) {
  for (const std::size_t torn : {std::size_t{1}, std::size_t{100}, record_bytes - 1}) {
    charge_all(*open().value(), 3);
    std::filesystem::resize_file(path(), record_bytes * 3 + torn);
    EXPECT_EQ(open().value()->entries(), 2) << torn;
    EXPECT_EQ(std::filesystem::file_size(path()), record_bytes * 3);
  }
}

TEST_F(UnitGatewayLedger, CutsLinesThatWereNeverFilled) {
  charge_all(*open().value(), 3);
  std::filesystem::resize_file(path(), record_bytes * 6);
  const auto ledger = open().value();
  EXPECT_EQ(ledger->entries(), 3);
  charge_all(*ledger, 4);
  EXPECT_EQ(ledger->entries(), 4);
}

TEST_F(UnitGatewayLedger, RewritesAHeaderThatACrashLeftTorn) {
  open();
  std::filesystem::resize_file(path(), 10);
  EXPECT_EQ(open().value()->entries(), 0);
  EXPECT_EQ(std::filesystem::file_size(path()), record_bytes);
}

TEST_F(UnitGatewayLedger, RefusesAFileThatIsNoLedger) {
  std::ofstream(path()) << "something of somebody's";
  EXPECT_EQ(open().error().code, Errc::corrupt);
  EXPECT_EQ(std::filesystem::file_size(path()), 23U);
}

TEST_F(UnitGatewayLedger, RefusesToReadAChangedLine) {
  charge_all(*open().value(), 3);
  write_at(record_bytes * 2 + 20, "9");
  const auto ledger = open().value();
  EXPECT_EQ(run_task(ledger->read(0, 10, some_deadline())).error().code, Errc::corrupt);
  EXPECT_EQ(ledger->charge({key(1), Money{101}, {}}, false).error().code, Errc::corrupt);
  EXPECT_TRUE(ledger->charge({key(2), Money{102}, {}}, false));
}

TEST_F(UnitGatewayLedger, ShowsItsEntriesInOrder) {
  const auto ledger = open().value();
  charge_all(*ledger, 5);
  const auto page = run_task(ledger->read(1, 2, some_deadline())).value();
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].number, 2);
  EXPECT_EQ(page[0].key, key(1));
  EXPECT_EQ(page[1].amount, Money{102});
  EXPECT_TRUE(run_task(ledger->read(5, 10, some_deadline())).value().empty());
}

TEST_F(UnitGatewayLedger, FindsAnEntryByItsKey) {
  const auto ledger = open().value();
  charge_all(*ledger, 3);
  const auto found = run_task(ledger->find(key(2), some_deadline())).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->number, 3);
  EXPECT_EQ(found->reference, reference_of(effect_id(key(2))));
  EXPECT_FALSE(run_task(ledger->find("nobody's", some_deadline())).value());
}

TEST_F(UnitGatewayLedger, FindsTheVoidUnderTheKeyItVoided) {
  const auto ledger = open().value();
  ASSERT_TRUE(ledger->void_charge({"v", "c"}));
  const auto found = run_task(ledger->find("c", some_deadline())).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->key, "v");
  EXPECT_EQ(found->charge, reference_of(effect_id("c")));
}

TEST_F(UnitGatewayLedger, FindsTheFirstOfTwoLinesUnderOneKey) {
  charge_all(*open().value(), 2);
  const RecordLine twice = encode_record({.amount = Money{5}, .id = effect_id(key(0)), .charge = {}, .key = key(0)});
  write_at(record_bytes * 3, {twice.data(), twice.size()});
  const auto ledger = open().value();
  EXPECT_EQ(ledger->entries(), 3);
  EXPECT_EQ(run_task(ledger->find(key(0), some_deadline())).value()->number, 1);
}

TEST_F(UnitGatewayLedger, StaysSmallInMemory) {
  LedgerIndex index;
  for (std::uint32_t i = 1; i <= 1'000'000; ++i) index.insert(index_bits(effect_id(key(static_cast<int>(i)))), i);
  EXPECT_LT(index.bytes(), 20'000'000U);
}

RC_GTEST_PROP(UnitGatewayLedgerIndex, FindsEverythingThatWasInserted, ()) {
  // Few distinct fingerprints, so that probes run into one another and around the end of a table.
  const auto all = *rc::gen::container<std::vector<std::uint64_t>>(
      rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 40), [](std::uint64_t n) { return 0xFFFFFFFFULL - n; }));
  LedgerIndex index;
  for (std::size_t i = 0; i < all.size(); ++i) index.insert(all[i], static_cast<std::uint32_t>(i + 1));
  for (std::size_t i = 0; i < all.size(); ++i)
    RC_ASSERT(index.find(all[i], [&](std::uint32_t number) { return number == i + 1; }));
  RC_ASSERT(!index.find(7, [](std::uint32_t) { return true; }));
}

RC_GTEST_PROP(UnitGatewayLedgerRecord, ComesBackFromItsLine, ()) {
  const auto uuid = rc::gen::map(rc::gen::container<std::vector<std::uint8_t>>(16, rc::gen::arbitrary<std::uint8_t>()),
                                 [](const std::vector<std::uint8_t>& bytes) {
                                   Uuid id;
                                   std::ranges::copy(bytes, id.bytes.begin());
                                   return id;
                                 });
  const LedgerRecord record{
      .kind = *rc::gen::element(LedgerEntry::Kind::charge, LedgerEntry::Kind::refund, LedgerEntry::Kind::void_charge),
      .outcome = *rc::gen::element(LedgerEntry::Outcome::succeeded, LedgerEntry::Outcome::declined),
      .amount = Money{*rc::gen::inRange<std::int64_t>(0, money_minor_max), *parse_currency("KRW")},
      .refunded_so_far = *rc::gen::inRange<std::int64_t>(0, money_minor_max),
      .id = *uuid,
      .charge = *uuid,
      .key = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('!', '\x7f')))};
  RC_PRE(is_ledger_key(record.key));
  const RecordLine line = encode_record(record);
  const auto decoded = decode_record(line);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(decoded->kind == record.kind);
  RC_ASSERT(decoded->outcome == record.outcome);
  RC_ASSERT(decoded->amount == record.amount);
  RC_ASSERT(decoded->refunded_so_far == record.refunded_so_far);
  RC_ASSERT(decoded->id == record.id);
  RC_ASSERT(decoded->charge == record.charge);
  RC_ASSERT(decoded->key == record.key);
  const auto sketch = sketch_record({line.data(), line.size()});
  RC_ASSERT(sketch.kind == record.kind);
  RC_ASSERT(sketch.succeeded == (record.outcome == LedgerEntry::Outcome::succeeded));
  RC_ASSERT(sketch.id_bits == index_bits(record.id));

  RecordLine changed = line;
  changed[*rc::gen::inRange<std::size_t>(0, record_bytes)] ^= 1;
  RC_ASSERT(!decode_record(changed).has_value());
}

}  // namespace
}  // namespace edda::gateway
