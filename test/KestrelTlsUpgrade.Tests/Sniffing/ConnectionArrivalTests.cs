using System.IO.Pipelines;
using System.Text;
using KestrelTlsUpgrade.Connections.Pipes;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Sniffing;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Tests.Sniffing;

public sealed class ConnectionArrivalTests
{
    private static readonly byte[] ClientHelloStart = [0x16, 0x03, 0x01, 0x00, 0x05, 0x01];

    private readonly TestConnection _connection = new();

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nUpgrade: TLS\r\nConnection: Upgrade\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\nUpgrade: TLS\r\nConnection: Upgrade\r\n\r\n")]
    [InlineData("\r\n")]
    [InlineData("G")]
    [InlineData("\0")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task ReceiveAsync_Plaintext_TakesNothing(string text)
    {
        await _connection.SendAsync(text);

        var arrived = await ReceiveAsync();

        Assert.Equal(new ArrivedConnection(ArrivalKind.Plaintext), arrived);
        Assert.Equal(text, _connection.ReadAtOnce());
        Assert.Equal(text, await _connection.ReadRestAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /next HTTP/1.1\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    public async Task ReceiveAsync_Upgrade_TakesItsHeadOnly(string behind)
    {
        await _connection.SendAsync(UpgradeHeads.Plain + behind);

        var connection = UpgradeConnections.Create(_connection.Context);
        var arrived = await ReceiveAsync(connection);

        Assert.Equal(ArrivalKind.Upgrade, arrived.Kind);
        Assert.Equal(UpgradeToken.Tls12, connection.Upgrade?.Token);
        Assert.Equal(behind, behind.Length > 0 ? _connection.ReadAtOnce() : "");
        Assert.Equal(behind, await _connection.ReadRestAsync());
    }

    [Fact]
    public async Task ReceiveAsync_UpgradeAfterWait_IsRecognised()
    {
        var arrival = ReceiveAsync();
        Assert.False(arrival.IsCompleted);

        await _connection.SendAsync(UpgradeHeads.Plain);

        Assert.Equal(ArrivalKind.Upgrade, (await arrival).Kind);
        Assert.Equal("", await _connection.ReadRestAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReceiveAsync_NothingYet_IsUndecidedWhetherOrNotThereIsDirectTls(bool directTls)
    {
        var arrival = ReceiveAsync(directTls);
        Assert.False(arrival.IsCompleted);

        await _connection.SendAsync("G");

        Assert.Equal(ArrivalKind.Plaintext, (await arrival).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_Tls_TakesNothing()
    {
        await _connection.SendAsync(ClientHelloStart);

        Assert.Equal(new ArrivedConnection(ArrivalKind.Tls), await ReceiveAsync());
        Assert.Equal("\u0016\u0003\u0001\0\u0005\u0001", _connection.ReadAtOnce());
        Assert.Equal("\u0016\u0003\u0001\0\u0005\u0001", await _connection.ReadRestAsync());
    }

    /// <summary>The rest may be a lost segment away.</summary>
    [Fact]
    public async Task ReceiveAsync_FirstByteOfTls_IsTlsAtOnce()
    {
        var arrival = ReceiveAsync();
        await _connection.SendAsync(ClientHelloStart.AsMemory(0, 1));

        Assert.True(arrival.IsCompleted);
        Assert.Equal(new ArrivedConnection(ArrivalKind.Tls), await arrival);
        Assert.Equal("\u0016", _connection.ReadAtOnce());
        await _connection.SendAsync(ClientHelloStart.AsMemory(1));
        Assert.Equal("\u0016\u0003\u0001\0\u0005\u0001", await _connection.ReadRestAsync());
    }

    [Fact]
    public async Task ReceiveAsync_TlsWhereItIsOff_IsPlaintextAtFirstByte()
    {
        await _connection.SendAsync(ClientHelloStart.AsMemory(0, 1));

        Assert.Equal(ArrivalKind.Plaintext, (await ReceiveAsync(directTls: false)).Kind);
        Assert.Equal("\u0016", await _connection.ReadRestAsync());
    }

    [Fact]
    public async Task ReceiveAsync_UpgradeWhereDirectTlsIsOff_IsRecognised()
    {
        await _connection.SendAsync(UpgradeHeads.Plain);

        Assert.Equal(ArrivalKind.Upgrade, (await ReceiveAsync(directTls: false)).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_IncompleteHead_IsHandedOverAtOnce()
    {
        for (var length = 1; length < UpgradeHeads.Plain.Length; length++)
        {
            var connection = new TestConnection();
            await connection.SendAsync(UpgradeHeads.Plain[..length]);

            var arrival = ReceiveAsync(connection);
            Assert.True(arrival.IsCompleted);
            Assert.Equal(new ArrivedConnection(ArrivalKind.Plaintext), await arrival);

            await connection.SendAsync(UpgradeHeads.Plain[length..]);
            Assert.Equal(UpgradeHeads.Plain, await connection.ReadRestAsync());
        }
    }

    [Fact]
    public async Task ReceiveAsync_HeadInTwoSegments_IsUpgradedOrWholeInPlaintext()
    {
        for (var position = 0; position <= UpgradeHeads.Plain.Length; position++)
        {
            var bytes = Encoding.Latin1.GetBytes(UpgradeHeads.Plain + "behind");
            var connection = new TestConnection();
            connection.Context.Transport = new TransportPipe(
                PipeReader.Create(Sequences.CutAt(bytes, position)), connection.Context.Transport.Output);

            var upgraded = UpgradeConnections.Create(connection.Context);
            var arrived = await ReceiveAsync(upgraded);

            var rest = await connection.ReadRestAsync();
            Assert.True(arrived.Kind is ArrivalKind.Upgrade or ArrivalKind.Plaintext);
            Assert.Equal(arrived.Kind is ArrivalKind.Upgrade ? "behind" : UpgradeHeads.Plain + "behind", rest);
            Assert.Equal(arrived.Kind is ArrivalKind.Upgrade, upgraded.Upgrade is not null);
        }
    }

    [Fact]
    public async Task ReceiveAsync_CompletedEmpty_IsPlaintext()
    {
        await _connection.Client.CompleteAsync();

        Assert.Equal(ArrivalKind.Plaintext, (await ReceiveAsync()).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_CompletedEmptyDuringWait_IsPlaintext()
    {
        var arrival = ReceiveAsync();

        await _connection.Client.CompleteAsync();

        Assert.Equal(ArrivalKind.Plaintext, (await arrival).Kind);
    }

    [Fact]
    public async Task ReceiveAsync_CompletedAfterFirstByteOfTls_IsTls()
    {
        await _connection.SendAsync(ClientHelloStart.AsMemory(0, 1));
        await _connection.Client.CompleteAsync();

        Assert.Equal(ArrivalKind.Tls, (await ReceiveAsync()).Kind);
        Assert.Equal("\u0016", await _connection.ReadRestAsync());
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(ConnectionResetException))]
    [InlineData(typeof(ConnectionAbortedException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task ReceiveAsync_ClientIsGone_LeavesTheExceptionToPlaintext(Type type)
    {
        var exception = (Exception)Activator.CreateInstance(type, "gone")!;
        var arrival = ReceiveAsync();

        await _connection.Client.CompleteAsync(exception);

        Assert.Equal(ArrivalKind.Plaintext, (await arrival).Kind);
        var input = _connection.Context.Transport.Input;
        Assert.Same(exception, await Assert.ThrowsAnyAsync<Exception>(async () => await input.ReadAsync()));
    }

    /// <summary>Off means declined, for a connection that was there before, too.</summary>
    [Fact]
    public async Task ReceiveAsync_OfferAfterTheUpgradeWasSwitchedOff_IsPlaintext()
    {
        var active = UpgradeConnections.CreateActive(UpgradeConnections.CreateSettings());
        var arrival = ConnectionArrival.ReceiveAsync(UpgradeConnections.Create(_connection.Context, active: active)).AsTask();
        active.Set(UpgradeConnections.CreateSettings(options: new() { Enabled = false }));
        await _connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n");
        Assert.Equal(ArrivalKind.Plaintext, (await arrival.WaitAsync(TestConnection.Patience)).Kind);
    }

    private Task<ArrivedConnection> ReceiveAsync(bool directTls = true) => ReceiveAsync(_connection, directTls);

    private static Task<ArrivedConnection> ReceiveAsync(TestConnection connection, bool directTls = true) =>
        ReceiveAsync(UpgradeConnections.Create(
            connection.Context, rules: directTls ? null : UpgradeConnections.DefaultRules with { DirectTls = DirectTlsMode.Off }));

    private static Task<ArrivedConnection> ReceiveAsync(UpgradeConnection connection) =>
        ConnectionArrival.ReceiveAsync(connection).AsTask().WaitAsync(TestConnection.Patience);
}
