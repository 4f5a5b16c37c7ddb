"""What happens to one order, by steps and in both directions, and the points that it passes on its way."""

import contextlib
import dataclasses
import signal

from points import STORED, step, stock_step, turn

TOTAL = 2 * 1999  # of harness_client.new_order: two pieces
PARTIAL = 1999
PATIENT = {"EDDA_GATEWAY_TIMEOUT_MS": "10000"}  # as long as a step waits for its answer


@dataclasses.dataclass
class Story:
    """`drive` may be begun anew after a crash: it repeats under the same keys. Only the points from `since` on are died at; those before
    are another story's. `exact`: every run passes these very points."""
    name: str
    drive: object
    points: list
    ends: tuple = ("paid",)
    refunded: tuple = (0,)
    environment: dict = dataclasses.field(default_factory=dict)
    product: str = "BOOK-1"
    held: int = 0  # pieces of the product that stay reserved, where its stock is kept
    paysim: bool = False
    by_webhook: bool = False  # paysim answers no request, and tells by webhooks
    since: int = 0
    exact: bool = True


def sale(world):
    world.wait_for_status(world.place(), "paid", "cancelled")


@contextlib.contextmanager
def hanging_gateway(world):
    world.paysim.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        world.paysim.process.send_signal(signal.SIGCONT)


def cancelled_while_charging(world):
    with hanging_gateway(world):
        order = world.place()
        world.cancel(order)
    world.wait_for_status(order, "cancelled")


def cancelled_when_paid(world):
    order = world.place()
    # An order that is cancelled already was paid before the crash.
    world.wait_for_status(order, "paid", "cancelled")
    world.cancel(order)
    world.wait_for_status(order, "cancelled")


def refunded_in_part(world):
    order = world.place()
    world.wait_for_status(order, "paid")
    world.refund(order, PARTIAL)
    world.wait_for(order, lambda now: now["refunded"]["amount"] == PARTIAL, "is refunded in part")


def voided(world):
    """The gateway hangs; the order is cancelled; whether the charge took effect is known only once the gateway answers the void."""
    with hanging_gateway(world):
        order = world.place()
        world.cancel(order)

        def void_is_asked_for(_):
            # After a crash the charge may be found to have taken effect: then there is nothing to void.
            events = world.request("GET", f"/v1/orders/{order}/events", world.customer).text
            return '"direction":"void"' in events or "PaymentProcessed" in events
        world.wait_for(order, void_is_asked_for, "has its charge voided")
    world.wait_for_status(order, "cancelled")


SALE = turn("OrderCreated") + step("payment_processing") + turn("PaymentProcessed") + STORED
RESERVED = turn("OrderCreated") + stock_step("stock_reservation", "forward", "StockReserved") + turn("SagaStepCompleted") + STORED
SOLD_FROM_STOCK = RESERVED + step("payment_processing") + turn("PaymentProcessed") + STORED

STORIES = [
    Story("sale", sale, SALE),
    Story("sale_by_http", sale, SALE, paysim=True),
    Story("declined", sale, turn("OrderCreated") + step("payment_processing") + turn("PaymentFailed") + STORED,
          ends=("cancelled",), product="PAYMENT_FAIL_1"),
    # A crash may let the charge end first: the order is then cancelled after it was paid, to the same end.
    Story("cancelled_while_charging", cancelled_while_charging,
          turn("OrderCreated") + step("payment_processing")[:1] + turn("OrderCancellationRequested") +
          step("payment_processing")[1:] + turn("PaymentProcessed") + STORED + step("payment_processing", "compensate") +
          turn("PaymentRefunded") + STORED,
          ends=("cancelled",), refunded=(TOTAL,), environment=PATIENT, paysim=True),
    Story("cancelled_when_paid", cancelled_when_paid,
          SALE + turn("OrderCancellationRequested") + step("payment_refund") + turn("PaymentRefunded") + STORED,
          ends=("cancelled",), refunded=(TOTAL,), since=len(SALE)),
    Story("refunded_in_part", refunded_in_part,
          SALE + turn("PaymentRefundRequested") + step("payment_refund") + turn("PaymentRefunded") + STORED,
          refunded=(PARTIAL,), since=len(SALE)),
    Story("voided", voided, step("payment_processing", "void") + turn("OrderCancellationRequested") + turn("SagaStepUnknown"),
          ends=("cancelled",), refunded=(0, TOTAL), paysim=True, exact=False),
    Story("answered_by_webhook", sale, ["webhook.before_stored", *turn("PaymentProcessed"), "webhook.stored"], paysim=True,
          by_webhook=True, exact=False),
    Story("sold_from_stock", sale, SOLD_FROM_STOCK, product="TRACKED-1", held=2),
    Story("stock_given_back", sale,
          RESERVED + step("payment_processing") + turn("PaymentFailed") + STORED +
          stock_step("stock_reservation", "compensate", "StockReleased") + turn("SagaStepCompensated") + STORED,
          ends=("cancelled",), product="PAYMENT_FAIL_TRACKED", since=len(RESERVED)),
    Story("cancelled_from_stock", cancelled_when_paid,
          SOLD_FROM_STOCK + turn("OrderCancellationRequested") + step("payment_refund") + turn("PaymentRefunded") + STORED +
          stock_step("stock_release", "forward", "StockReleased") + turn("SagaStepCompleted") + STORED,
          ends=("cancelled",), refunded=(TOTAL,), product="TRACKED-1", since=len(SOLD_FROM_STOCK)),
]
