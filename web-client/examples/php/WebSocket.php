<?php
// A WebSocket over TLS (RFC 6455) for a till in plain PHP: no composer, no
// extension but openssl. It checks the relay's certificate like any other client.

declare(strict_types=1);

final class WebSocket
{
    /** @param resource $stream */
    private function __construct(private $stream)
    {
    }

    /** Connects, or throws: then nothing was sent. */
    public static function open(string $address, string $authority, string $protocol, int $silence = 30): self
    {
        ['host' => $host, 'port' => $port, 'path' => $path] = parse_url($address);
        $tls = ['cafile' => $authority, 'verify_peer' => true, 'verify_peer_name' => true, 'peer_name' => $host];
        $context = stream_context_create(['ssl' => $tls]);
        $stream = @stream_socket_client("tls://$host:$port", $code, $why, 5, STREAM_CLIENT_CONNECT, $context);
        if (!$stream) {
            throw new RuntimeException($why ?: (error_get_last()['message'] ?? 'no TLS'));
        }
        stream_set_timeout($stream, $silence);
        $socket = new self($stream);
        $nonce = base64_encode(random_bytes(16));
        $socket->write("GET $path HTTP/1.1\r\nHost: $host:$port\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            . "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: $nonce\r\nSec-WebSocket-Protocol: $protocol\r\n\r\n");
        $answer = '';
        while (!str_ends_with($answer, "\r\n\r\n") && strlen($answer) < 8192) {
            $answer .= $socket->read(1);
        }
        $accept = base64_encode(sha1($nonce . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11', true));
        if (!preg_match('~^HTTP/1\.1 101 ~', $answer)
            || !preg_match('~^Sec-WebSocket-Accept: *' . preg_quote($accept) . '\r$~mi', $answer)) {
            throw new RuntimeException('no WebSocket: ' . strtok($answer, "\r"));
        }
        return $socket;
    }

    /** Sends one text message. */
    public function send(string $text): void
    {
        $this->frame(0x1, $text);
    }

    /** The next text message; throws when the connection is over, or silent. */
    public function receive(): string
    {
        $message = '';
        while (true) {
            [$first, $second] = array_values(unpack('C2', $this->read(2)));
            $size = $second & 0x7f;
            if ($size === 126) {
                $size = unpack('n', $this->read(2))[1];
            } elseif ($size === 127) {
                $size = unpack('J', $this->read(8))[1];
            }
            if ($size < 0 || $size + strlen($message) > 1 << 24) {
                throw new RuntimeException('a message of more than 16 MiB');
            }
            $payload = $size ? $this->read($size) : '';
            $kind = $first & 0x0f;
            if ($kind === 0x9) {
                $this->frame(0xa, $payload);
            } elseif ($kind === 0x8) {
                $code = strlen($payload) < 2 ? 1005 : unpack('n', $payload)[1];
                throw new RuntimeException("closed with $code " . substr($payload, 2));
            } elseif ($kind < 0x8) {
                $message .= $payload;
                if ($first & 0x80) {
                    return $message;
                }
            }
        }
    }

    /** Says goodbye; the other side may be gone already. */
    public function close(): void
    {
        try {
            $this->frame(0x8, pack('n', 1000));
        } catch (RuntimeException) {
        }
        fclose($this->stream);
    }

    private function frame(int $kind, string $payload): void
    {
        $size = strlen($payload);
        $head = match (true) {
            $size < 126 => chr(0x80 | $size),
            $size < 1 << 16 => chr(0x80 | 126) . pack('n', $size),
            default => chr(0x80 | 127) . pack('J', $size),
        };
        $mask = random_bytes(4);
        $this->write(chr(0x80 | $kind) . $head . $mask . ($payload ^ str_pad('', $size, $mask)));
    }

    private function write(string $bytes): void
    {
        while ($bytes !== '') {
            $written = @fwrite($this->stream, $bytes);
            if (!$written) {
                throw new RuntimeException('the connection broke');
            }
            $bytes = substr($bytes, $written);
        }
    }

    private function read(int $size): string
    {
        $bytes = '';
        while (strlen($bytes) < $size) {
            $more = @fread($this->stream, $size - strlen($bytes));
            if ($more === false || $more === '') {
                $silent = stream_get_meta_data($this->stream)['timed_out'];
                throw new RuntimeException($silent ? 'silence' : 'the connection broke');
            }
            $bytes .= $more;
        }
        return $bytes;
    }
}
