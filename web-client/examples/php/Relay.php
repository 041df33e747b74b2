<?php
// The side of a till in PHP. The README has the till.

declare(strict_types=1);

require_once __DIR__ . '/WebSocket.php';

/** A relay, by its address and its authority's certificate (`ca.pem`, in the folder `ca` of its data folder). */
final class Relay
{
    private array $hello;

    public function __construct(private string $address, private string $authority, string $till, string $lang = 'fr')
    {
        $this->hello = ['type' => 'hello', 'client' => 'caisse-relay-php 1.0', 'till' => $till, 'lang' => $lang];
    }

    /**
     * Says `message` once, then asks by the id through every cut: saying `pay` again would help nobody.
     * Ends with the payment, once it is closed, or with what was refused.
     */
    public function ask(string $id, ?array $message = null): array
    {
        for (;; sleep(1)) {
            $saying = $message ?? ['type' => 'payment', 'id' => $id];
            try {
                $socket = WebSocket::open($this->address, $this->authority, 'caisse-relay.v1');
                $message = null; // from here on it may have been heard
                $socket->send(json_encode($this->hello, JSON_THROW_ON_ERROR));
                $socket->send(json_encode($saying, JSON_THROW_ON_ERROR));
                while (true) {
                    $heard = json_decode($socket->receive(), true, flags: JSON_THROW_ON_ERROR);
                    if ($heard['type'] === 'ping') {
                        $socket->send(json_encode(['type' => 'pong', 'n' => $heard['n']]));
                    } elseif (($heard['id'] ?? null) !== $id) {
                        continue;
                    } elseif ($heard['type'] === 'payment' && $heard['phase'] === 'closed') {
                        return $heard;
                    } elseif ($heard['type'] === 'refused') {
                        if ($saying['type'] !== 'payment' || $heard['code'] === 'unknown_payment') {
                            return $heard;
                        }
                        break; // too many questions, or a disk that cannot be read: no word on the money
                    }
                }
            } catch (RuntimeException $cut) {
                if (($message['type'] ?? null) === 'pay') { // nothing was sent, nothing was charged
                    $why = "Le relais n'est pas joint, rien n'est débité : {$cut->getMessage()}";
                    return ['type' => 'refused', 'message' => $why];
                }
                fwrite(STDERR, "{$cut->getMessage()}\n");
            } finally {
                isset($socket) && $socket->close();
                $socket = null;
            }
        }
    }
}
