using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>What OpenSSL, below <see cref="SslStream"/>, makes of a hello: it goes on with the handshake, or it does not.</summary>
internal static class OpenSslJudge
{
    private const int RecordHeaderLength = 5;

    /// <summary>What OpenSSL says to the octets, behind which the connection ends.</summary>
    /// <param name="wire">What the client sends.</param>
    /// <param name="versions">What the server knows. In TLS 1.2 its answer shows the protocol that it selected.</param>
    public static async Task<JudgedHello> JudgeAsync(byte[] wire, SslProtocols versions)
    {
        var connection = new OneWayConnection(wire);
        await using var server = new SslStream(connection);
        try
        {
            await server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = TestCertificates.Server,
                EnabledSslProtocols = versions,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            });
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or IndexOutOfRangeException)
        {
            // Nobody answers the server, so this is how it always ends. The last one is what .NET throws for an empty message.
        }

        var answer = connection.Answer;
        return answer is [HelloRecords.Handshake, ..] ? new(true, FindProtocol(answer)) : new(false, null);
    }

    /// <summary>The protocol in a ServerHello of TLS 1.2, or nothing.</summary>
    private static string? FindProtocol(byte[] answer)
    {
        var position = RecordHeaderLength + 4 + 2 + 32;
        position += 1 + answer[position] + 2 + 1;
        var end = RecordHeaderLength + 4 + (answer[7] << 8) + answer[8];
        for (position += 2; position < end;)
        {
            var length = (answer[position + 2] << 8) + answer[position + 3];
            if (answer[position] == 0 && answer[position + 1] == 16)
            {
                return Encoding.ASCII.GetString(answer, position + 7, length - 3);
            }

            position += 4 + length;
        }

        return null;
    }

    /// <summary>A client that has sent all that it ever will.</summary>
    private sealed class OneWayConnection(byte[] wire) : AsyncStream
    {
        private readonly MemoryStream _sent = new(wire);
        private readonly MemoryStream _answer = new();

        public byte[] Answer => _answer.ToArray();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _sent.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _answer.WriteAsync(buffer, cancellationToken);
    }
}

/// <summary>What OpenSSL made of a hello.</summary>
/// <param name="IsAccepted">Whether it answered with a ServerHello.</param>
/// <param name="Protocol">The ALPN id that it selected, where its answer shows it.</param>
internal sealed record JudgedHello(bool IsAccepted, string? Protocol);
