using System.Net;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>Endpoints of a host that do not speak HTTP: a broker, a line protocol, a handler of the application's own.</summary>
public sealed class OtherProtocolTests
{
    private const string Greeting = "220 ready\r\n";

    /// <summary>The ways in which an application ends connections itself.</summary>
    public static TheoryData<string> Handlers => ["ConnectionHandler", "Run", "Run behind logging", "Lambda", "Closure", "Method of a handler"];

    /// <summary>The ways in which connection middleware passes connections on to HTTP.</summary>
    public static TheoryData<string> Middleware => ["Logging", "Func", "Delegate", "Async delegate", "Class", "Object in a closure", "Two", "Tunnel"];

    [Theory]
    [MemberData(nameof(Handlers))]
    public async Task HostWide_HandlerThatSpeaksFirst_IsHeard(string handler)
    {
        await using var server = await StartAsync(listen => End(listen, handler));
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        Assert.Equal(Greeting, await ReadAsync(client, Greeting.Length));
    }

    [Fact]
    public async Task HostWide_TunnelsToo_HandlerThatSpeaksFirst_IsHeard()
    {
        await using var server = await UpgradeServer.StartAsync(static builder =>
        {
            builder.WebHost.UseConnectTunnel();
            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => End(listen, "ConnectionHandler")));
        });
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        Assert.Equal(Greeting, await ReadAsync(client, Greeting.Length));
    }

    [Fact]
    public async Task HostWide_QuietClient_OutlivesTheKeepAliveTimeoutOfHttp()
    {
        await using var server = await StartAsync(
            static listen => listen.UseConnectionHandler<Echo>(),
            static kestrel => kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(1));
        await using var quiet = await RawConnection.OpenAsync(server.EndPoint);
        await using var http = await RawConnection.OpenAsync(HttpEndPoint(server));

        // The measure of the timeout: this connection is as quiet, and was opened later.
        Assert.Empty(await http.ReadToEndAsync());
        await quiet.SendAsync("\x10\x00");
        Assert.Equal("\x10\x00", await ReadAsync(quiet, 2));
    }

    [Fact]
    public async Task HostWide_OfferOnAnotherProtocol_ReachesTheHandler()
    {
        await using var server = await StartAsync(static listen => listen.UseConnectionHandler<Echo>());
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        await client.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(RawConnectionUpgradeExtensions.Request(), await ReadAsync(client, RawConnectionUpgradeExtensions.Request().Length));

        await using var tls = await RawConnection.OpenAsync(server.EndPoint);
        await tls.SendAsync("\x16\x03\x01\x00\x05hello");
        Assert.Equal("\x16\x03\x01\x00\x05hello", await ReadAsync(tls, 10));
    }

    [Theory]
    [MemberData(nameof(Middleware))]
    public async Task HostWide_MiddlewareBeforeHttp_IsUpgraded(string middleware)
    {
        await using var server = await StartAsync(listen => PassOn(listen, middleware));
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        await client.UpgradeAsync();
        Assert.Contains("state=Upgraded", (await client.ReadResponseAsync()).Content);
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "HttpNotCertain");
    }

    [Fact]
    public async Task HostWide_NobodyCanTell_IsTakenAndNamed()
    {
        await using var server = await StartAsync(static listen => listen.Use(static _ => new Broker(new()).OnConnectionAsync));
        var line = Assert.Single(server.Log.Lines, static line => line.Id.Name == "HttpNotCertain");
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains("http://127.0.0.1:", line.Message);
        Assert.Contains("Enabled", line.Message);
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        await client.UpgradeAsync();
    }

    /// <summary>What is in a dictionary may be called or not.</summary>
    [Fact]
    public async Task HostWide_OneOfManyIsHttp_IsUpgradedAndNamed()
    {
        await using var server = await StartAsync(static listen => listen.Use(static next =>
        {
            var all = new Dictionary<string, ConnectionDelegate> { ["http"] = next, ["smtp"] = new Greeter().OnConnectedAsync };
            return connection => all[connection.ConnectionId.Length > 0 ? "http" : "smtp"](connection);
        }));
        Assert.Single(server.Log.Lines, static line => line.Id.Name == "HttpNotCertain");
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        await client.UpgradeAsync();
    }

    [Fact]
    public async Task HostWide_NobodyCanTellAndExempted_HandlerIsHeard()
    {
        await using var server = await StartAsync(static listen => listen
            .UseTlsUpgrade(static options => options.Enabled = false)
            .Use(static _ => new Broker(new()).OnConnectionAsync));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "HttpNotCertain");
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        Assert.Equal(Greeting, await ReadAsync(client, Greeting.Length));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Named_AnotherProtocol_FailsUnlessItIsExempted(bool isHostWide)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartNamedAsync(isHostWide, static _ => { }));
        Assert.Contains("http://127.0.0.1:0", exception.Message);
        Assert.Contains("does not speak HTTP", exception.Message);

        await using var server = await StartNamedAsync(isHostWide, static options => options.Enabled = false);
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        Assert.Equal(Greeting, await ReadAsync(client, Greeting.Length));
    }

    [Fact]
    public async Task Configured_AnotherProtocol_FailsUnlessItIsExempted()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartConfiguredAsync("StrictTokens"));
        Assert.Contains("Kestrel:Endpoints:Broker:TlsUpgrade", exception.Message);

        await using var server = await StartConfiguredAsync("Enabled");
        await using var client = await RawConnection.OpenAsync(server.EndPoint);
        Assert.Equal(Greeting, await ReadAsync(client, Greeting.Length));

        static Task<UpgradeServer> StartConfiguredAsync(string setting) => UpgradeServer.StartAsync(builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Kestrel:Endpoints:Broker:Url"] = "http://127.0.0.1:0",
                [$"Kestrel:Endpoints:Broker:TlsUpgrade:{setting}"] = "false",
            });
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(static (context, kestrel) => kestrel
                .Configure(context.Configuration.GetSection("Kestrel"))
                .Endpoint("Broker", static endpoint => End(endpoint.ListenOptions, "ConnectionHandler")));
        });
    }

    private static Task<UpgradeServer> StartNamedAsync(bool isHostWide, Action<TlsUpgradeOptions> upgrade) => UpgradeServer.StartAsync(builder =>
    {
        if (isHostWide)
        {
            builder.WebHost.UseTlsUpgrade();
        }
        else
        {
            builder.Services.AddTlsUpgrade();
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => End(listen.UseTlsUpgrade(upgrade), "ConnectionHandler")));
    });

    /// <summary>Starts a host with the endpoint first, and one that speaks HTTP behind it.</summary>
    private static Task<UpgradeServer> StartAsync(Action<ListenOptions> endpoint, Action<KestrelServerOptions>? configure = null) =>
        UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                configure?.Invoke(kestrel);
                kestrel.Listen(IPAddress.Loopback, 0, endpoint);
                kestrel.Listen(IPAddress.Loopback, 0);
            });
        });

    private static async Task<string> ReadAsync(RawConnection client, int count) => Encoding.Latin1.GetString(await client.ReadAsync(count));

    private static IPEndPoint HttpEndPoint(UpgradeServer server) => new(IPAddress.Loopback, new Uri(server.Addresses[1]).Port);

    private static void End(ListenOptions listen, string handler)
    {
        var greeting = Encoding.ASCII.GetBytes(Greeting);
        _ = handler switch
        {
            "ConnectionHandler" => listen.UseConnectionHandler<Greeter>(),
            "Run" => listen.Run(connection => Greeter.GreetAsync(connection, greeting)),
            "Run behind logging" => listen.UseConnectionLogging().Run(connection => Greeter.GreetAsync(connection, greeting)),
            "Lambda" => listen.Use(static _ => static connection => Greeter.GreetAsync(connection, Encoding.ASCII.GetBytes(Greeting))),
            "Closure" => listen.Use(_ => connection => Greeter.GreetAsync(connection, greeting)),
            _ => listen.Use(static _ => new Greeter().OnConnectedAsync),
        };
    }

    private static void PassOn(ListenOptions listen, string middleware)
    {
        var passed = new List<string>();
        _ = middleware switch
        {
            "Logging" => listen.UseConnectionLogging(),
            "Func" => listen.Use(async (connection, next) =>
            {
                passed.Add(connection.ConnectionId);
                await next();
            }),
            "Delegate" => listen.Use(static next => connection => next(connection)),
            "Async delegate" => listen.Use(next => async connection =>
            {
                passed.Add(connection.ConnectionId);
                await next(connection);
            }),
            "Class" => listen.Use(static next => new Passing(next).OnConnectionAsync),
            "Object in a closure" => listen.Use(static next =>
            {
                var passing = new Passing(next);
                return async connection => await passing.OnConnectionAsync(connection);
            }),
            "Two" => listen.UseConnectionLogging().Use(static next => new Passing(next).OnConnectionAsync),
            _ => (IConnectionBuilder)listen.UseConnectTunnel(),
        };
    }

    private sealed class Passing(ConnectionDelegate next)
    {
        private readonly List<string> _passed = [];

        public Task OnConnectionAsync(ConnectionContext connection)
        {
            _passed.Add(connection.ConnectionId);
            return next(connection);
        }
    }

    private sealed class Greeter : ConnectionHandler
    {
        public override Task OnConnectedAsync(ConnectionContext connection) => GreetAsync(connection, Encoding.ASCII.GetBytes(Greeting));

        public static async Task GreetAsync(ConnectionContext connection, byte[] greeting)
        {
            await connection.Transport.Output.WriteAsync(greeting);
            while ((await connection.Transport.Input.ReadAsync()) is { IsCompleted: false } read)
            {
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
            }
        }
    }

    private sealed class Echo : ConnectionHandler
    {
        public override Task OnConnectedAsync(ConnectionContext connection) => connection.Transport.Input.CopyToAsync(connection.Transport.Output);
    }

    /// <summary>A class that might pass connections on: it holds an object that nobody can see into.</summary>
    private sealed class Broker(Broker.Sessions sessions)
    {
        public Task OnConnectionAsync(ConnectionContext connection) => sessions.ServeAsync(connection);

        internal sealed class Sessions
        {
            public Task ServeAsync(ConnectionContext connection) => Greeter.GreetAsync(connection, Encoding.ASCII.GetBytes(Greeting));
        }
    }
}
