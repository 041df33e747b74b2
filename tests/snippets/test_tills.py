"""The tills of the README sell, and no cut or crash charges anybody twice."""

import json
import unittest

import jsonschema

from shop import LANGUAGES, ROOT, Shop, end, read_by, said_by

SLOW = 'outcome = "approve"\ndelay_ms = 2500'


class Tills(unittest.TestCase):
    def in_both(self, story, **options):
        for language in LANGUAGES:
            with self.subTest(language.name):
                story(Shop(self, language, **options))

    def test_an_approved_sale_is_in_the_books_and_acknowledged(self):
        def story(shop):
            self.assertIn("Paiement de 12,50 EUR accepté.", shop.sells(1250))
            self.assertEqual(shop.books(), [("TICKET-1", "approved", "yes", 1250, True)])
            self.assertEqual(shop.charges(), [1250])
            self.assertTrue(shop.journal()[0]["acknowledged"])

        self.in_both(story)

    def test_a_tip_is_in_the_books(self):
        def story(shop):
            shop.sells(6200)
            self.assertEqual(shop.books(), [("TICKET-1", "approved", "yes", 6820, True)])

        self.in_both(story)

    def test_a_declined_sale_says_why_and_may_be_tried_again(self):
        def story(shop):
            self.assertIn("Rien n'a été débité", shop.sells(5100))
            shop.sells(900)
            self.assertEqual([row[1:] for row in shop.books()], [("declined", "no", None, True), ("approved", "yes", 900, True)])
            self.assertEqual(shop.charges(), [900])

        self.in_both(story)

    def test_an_unknown_outcome_waits_for_what_a_person_reads_on_the_ticket(self):
        def story(shop):
            shown = shop.sells(5700, answers="euh\noui\n")
            self.assertEqual(shown.count("Ne recommencez pas avant."), 2)
            self.assertEqual(shop.books(), [("TICKET-1", "unknown", "yes", None, True)])
            self.assertEqual(shop.charges(), [5700])
            payment = shop.journal()[0]
            self.assertEqual((payment["resolved"]["by"], payment["acknowledged"]), ("Camille", True))

        self.in_both(story)

    def test_nobody_at_the_till_settles_nothing_and_the_next_start_asks_again(self):
        def story(shop):
            till = shop.till(5700, "TICKET-1")
            till.communicate("", timeout=30)
            self.assertNotEqual(till.returncode, 0)
            self.assertIsNone(shop.journal()[0]["resolved"])
            shop.sells(900, "TICKET-2", answers="oui\n")
            self.assertEqual([row[:3] for row in shop.books()], [("TICKET-1", "unknown", "yes"), ("TICKET-2", "approved", "yes")])
            self.assertEqual(shop.charges(), [5700, 900])

        self.in_both(story)

    def test_a_till_killed_in_the_middle_resumes_and_nobody_pays_twice(self):
        def story(shop):
            till = shop.till(1250, "TICKET-1")
            shop.waits_until_sent()
            end(till)
            self.assertEqual(shop.books(), [("TICKET-1", None, None, None, False)])
            shop.sells(900, "TICKET-2")
            rows = [("TICKET-1", "approved", "yes", 1250, True), ("TICKET-2", "approved", "yes", 900, True)]
            self.assertEqual(shop.books(), rows)
            self.assertEqual(shop.charges(), [1250, 900])
            self.assertTrue(all(payment["acknowledged"] for payment in shop.journal()))

        self.in_both(story, steps=[SLOW, 'outcome = "approve"'])

    def test_a_relay_killed_in_the_middle_is_asked_again_and_never_paid_again(self):
        def story(shop):
            till = shop.till(1250, "TICKET-1")
            shop.waits_until_sent()
            end(shop.relay)
            shop.open()
            shown, _ = till.communicate("oui\n", timeout=30)
            self.assertIn("Ne recommencez pas avant.", shown.replace("\u00a0", " "))
            self.assertEqual(shop.books(), [("TICKET-1", "unknown", "yes", None, True)])
            shop.waits_for("the charge", shop.charges)
            self.assertEqual(shop.charges(), [1250])
            self.assertEqual([payment["reason"] for payment in shop.journal()], ["relay_restarted"])

        self.in_both(story, steps=[SLOW])

    def test_without_a_relay_nothing_is_kept_back_to_be_paid_later(self):
        def story(shop):
            end(shop.relay)
            self.assertIn("rien n'est débité", shop.sells(1250))
            self.assertEqual(shop.books(), [("TICKET-1", "not_sent", "no", None, True)])
            shop.open()
            shop.sells(900, "TICKET-2")
            self.assertEqual(shop.charges(), [900])

        self.in_both(story)

    def test_a_relay_of_another_authority_is_not_talked_to(self):
        def story(shop):
            stranger = Shop(self, shop.language)
            self.assertIn("rien n'est débité", shop.sells(1250, authority=stranger.authority))
            self.assertEqual(shop.books(), [("TICKET-1", "not_sent", "no", None, True)])
            self.assertEqual((shop.journal(), shop.charges()), ([], []))

        self.in_both(story)


class Contract(unittest.TestCase):
    """The messages of the snippets are those of the contract."""

    asyncapi = json.loads((ROOT / "web-client/asyncapi.json").read_text())
    schema = json.loads((ROOT / "web-client/protocol.schema.json").read_text())

    def test_they_say_what_asyncapi_lets_a_till_say(self):
        messages = self.asyncapi["channels"]["till"]["messages"]
        schema = self.schema["definitions"]
        for language in LANGUAGES:
            said = dict(said_by(language.sources))
            self.assertLessEqual({"hello", "pay", "payment", "resolve", "acknowledge", "pong"}, set(said), language.name)
            for kind, keys in said_by(language.sources):
                if kind == "refused":  # made by the till itself where no relay is
                    continue
                published = messages[f"TillToRelay.{kind}"]["payload"]
                self.assertLessEqual(keys, set(published["properties"]), (language.name, kind))
                self.assertLessEqual(set(published["required"]), keys, (language.name, kind))
                one = next(one for one in schema["TillToRelay"]["oneOf"] if one["properties"]["type"]["const"] == kind)
                self.assertLessEqual(keys, set(one["properties"]), (language.name, kind))

    def test_they_read_what_the_schema_has(self):
        schema = self.schema["definitions"]
        told = {"type", *schema["PaymentView"]["properties"]}
        for one in schema["RelayToTill"]["oneOf"]:
            if one["properties"]["type"]["const"] in ("ping", "refused"):
                told |= set(one["properties"])
        for language in LANGUAGES:
            read = set(read_by(language.sources))
            self.assertLessEqual({"id", "phase", "outcome", "charged", "paid", "advice", "acknowledged", "code", "message", "n"}, read)
            self.assertLessEqual(read, told, language.name)

    def test_the_journal_of_a_sale_is_a_payment_of_the_schema(self):
        shop = Shop(self, LANGUAGES[0])
        shop.sells(1250)
        jsonschema.validate({"type": "payment", **shop.journal()[0]}, self.schema)


if __name__ == "__main__":
    unittest.main()
