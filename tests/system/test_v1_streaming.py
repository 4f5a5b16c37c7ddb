"""Server-sent events: complete, resumable, one's own."""

import threading


def last(event):
    return event["event"] == "SagaCompleted"


def test_the_story_of_an_order(customer, document):
    order = customer.place()
    events = customer.stream(f"/v1/orders/{order['id']}/stream", until=last)
    for event in events:
        document.check_component("Event", event["data"])
        assert event["event"] == event["data"]["type"] and event["id"]
    listed = customer.get(f"/v1/orders/{order['id']}/events").json()["events"]
    assert [event["data"] for event in events] == listed[:len(events)]


def test_resume_without_gap_or_double(customer):
    order = customer.place_paid()
    path = f"/v1/orders/{order['id']}/stream"
    events = customer.stream(path, until=last)
    for position, event in enumerate(events[:-1]):
        rest = customer.stream(path, headers={"Last-Event-ID": event["id"]}, until=last)
        assert rest == events[position + 1:]
    assert customer.stream(f"{path}?cursor={events[0]['id']}", until=last) == events[1:]


def test_the_log_live(customer, stranger):
    """From now on, without the events of others."""
    customer.place_paid()
    start = customer.get("/v1/events?limit=1000").json()["next_cursor"]
    received, done = [], threading.Event()

    def read():
        received.extend(customer.stream(f"/v1/events/stream?cursor={start}", until=last))
        done.set()

    reader = threading.Thread(target=read)
    reader.start()
    stranger.place_paid()
    order = customer.place()
    reader.join(20)
    assert done.is_set()
    assert {event["data"]["correlation_id"] for event in received} == {order["id"]}
    assert received[0]["event"] == "OrderCreated"


def test_a_filtered_stream(customer):
    start = customer.get("/v1/events?limit=1000").json()["next_cursor"]
    order = customer.place()
    events = customer.stream(f"/v1/events/stream?type=OrderConfirmed&cursor={start}",
                             until=lambda event: event["event"] == "OrderConfirmed")
    assert [event["data"]["stream_id"] for event in events] == [order["id"]]


def test_what_cannot_be_streamed(customer, stranger, anonymous):
    order = customer.place()
    stranger.get(f"/v1/orders/{order['id']}/stream", 404)
    anonymous.get(f"/v1/orders/{order['id']}/stream", 401)
    customer.get(f"/v1/orders/{order['id']}/stream", 400, headers={"Last-Event-ID": "nonsense"})
    customer.get("/v1/events/stream?cursor=nonsense", 400)
