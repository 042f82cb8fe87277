using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using KestrelTlsUpgrade.Soak.Report;
using KestrelTlsUpgrade.Soak.Server;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>A connection from its opening to its end, and the requests on it.</summary>
internal sealed class ConnectionSession(ConnectionKind kind, Target target, Ledger ledger) : IAsyncDisposable
{
    private const string Head = " HTTP/1.1\r\nHost: localhost\r\n";
    private const string Offer = "Connection: Upgrade\r\nUpgrade: TLS/1.3, TLS/1.2, http/1.1-upgraded\r\n";

    private HttpConnection? _connection;
    private long _start;
    private string _arrival = "Plaintext";
    private bool _isHeld;

    /// <summary>What is being done, for the report of a failure.</summary>
    public string Step { get; private set; } = "open";

    /// <summary>Whether the server has said that it will close the connection.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Opens the connection to where its kind begins, the first request included.</summary>
    /// <param name="isHeld">Whether the response ends after the server's stop has begun.</param>
    public async Task OpenAsync(bool isHeld = false)
    {
        _start = Stopwatch.GetTimestamp();
        var isTunnel = kind is ConnectionKind.Tunnel or ConnectionKind.TunnelUpgrade or ConnectionKind.UpgradedTunnel;
        _connection = await HttpConnection.OpenAsync(isTunnel ? target.Tunnel : target.Web);
        if (kind is ConnectionKind.UpgradedTunnel)
        {
            Step = "upgrade to the proxy";
            var request = $"OPTIONS *{Head}{Offer}\r\n";
            await _connection.SendAsync(request);
            await SwitchAsync(_connection, request);
            Expect(await _connection.ReadHeadAsync() is { Status: 200, Length: 0, IsLast: false }, "The answer to OPTIONS is wrong.");
        }

        if (isTunnel)
        {
            Step = "CONNECT";
            await _connection.SendAsync(string.Create(
                CultureInfo.InvariantCulture, $"CONNECT 127.0.0.1:{target.Web.Port} HTTP/1.1\r\nHost: 127.0.0.1:{target.Web.Port}\r\n\r\n"));
            Expect(await _connection.ReadHeadAsync() is { Status: 200, Length: null, IsChunked: false }, "The answer to CONNECT is wrong.");
        }

        if (kind is ConnectionKind.DirectTlsHttp1)
        {
            Step = "handshake";
            await _connection.StartTlsAsync(target.CreateTls(SslApplicationProtocol.Http11));
            _arrival = "DirectTls";
        }

        await (kind is ConnectionKind.UpgradeFirst or ConnectionKind.TunnelUpgrade or ConnectionKind.Idle ? UpgradeAsync(isHeld) : AskAsync(isHeld));
    }

    /// <summary>Sends a request that upgrades the connection, and reads its response over TLS.</summary>
    public async Task UpgradeAsync(bool isHeld = false)
    {
        var exchange = Exchange.NextDownload();
        var hold = Begin(exchange, "with an upgrade", isHeld);
        var request = $"{exchange.Method} {exchange.Target}{Head}{Offer}{hold}\r\n";
        await _connection!.SendAsync(request);
        await SwitchAsync(_connection, request);
        await ReadAsync(exchange, "Replayed");
        _arrival = "Upgraded";
    }

    /// <summary>Sends a request and reads its response.</summary>
    public async Task AskAsync(bool isHeld = false)
    {
        var exchange = Exchange.Next();
        var hold = Begin(exchange, _arrival, isHeld);
        var framing = !exchange.IsUpload ? "" : exchange.IsChunked ? "Transfer-Encoding: chunked\r\n" : $"Content-Length: {exchange.Length}\r\n";
        await _connection!.SendAsync($"{exchange.Method} {exchange.Target}{Head}{framing}{hold}\r\n");
        if (exchange.IsUpload)
        {
            await SendContentAsync(exchange);
        }

        await ReadAsync(exchange, _arrival);
    }

    /// <summary>Waits for the server to close the connection, which is idle.</summary>
    public async Task CloseAtServerAsync()
    {
        Step = "wait for the end of an idle connection";
        await _connection!.ReadEndAsync();
    }

    public void Reset() => _connection?.Reset();

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static void Expect(bool isAsExpected, string otherwise)
    {
        if (!isAsExpected)
        {
            throw new InvalidDataException(otherwise);
        }
    }

    private string Begin(Exchange exchange, string how, bool isHeld)
    {
        _isHeld = isHeld;
        Step = $"{exchange.Method} {exchange.Target}, {exchange.Length} bytes{(exchange.IsChunked ? " in chunks" : "")}, {how}";
        _start = _start == 0 ? Stopwatch.GetTimestamp() : _start;
        ledger.AddSent();
        return isHeld ? SoakApplication.Hold + ": until stop\r\n" : "";
    }

    private async Task SendContentAsync(Exchange exchange)
    {
        foreach (var block in exchange.Content)
        {
            await (exchange.IsChunked ? _connection!.SendChunkedAsync(block) : _connection!.SendAsync(block));
        }

        if (exchange.IsChunked)
        {
            await _connection!.SendAsync("0\r\n\r\n");
        }
    }

    private async Task SwitchAsync(HttpConnection connection, string request)
    {
        Expect((await connection.ReadHeadAsync()).Status == 101, "The server does not upgrade.");
        await connection.StartTlsAsync(target.CreateTls(BoundMark.Of(request)));
    }

    private async Task ReadAsync(Exchange exchange, string arrival)
    {
        var head = await _connection!.ReadHeadAsync();
        var hash = await _connection.ReadContentAsync(head);
        Expect(head.Status == 200, $"The status is {head.Status}.");
        Expect(head.Arrival == arrival, $"The request arrived as '{head.Arrival}'.");
        Expect(hash == exchange.ResponseHash, "The content is wrong.");
        IsOver = head.IsLast;
        ledger.AddResponse(_isHeld ? ConnectionKind.InFlightAtStop : kind, Stopwatch.GetElapsedTime(_start));
        _start = 0;
    }
}
