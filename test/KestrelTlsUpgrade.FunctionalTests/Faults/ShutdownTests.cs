using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Faults;

/// <summary>The host stops within its shutdown timeout in every phase of a connection, and serves out what it has begun.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task BeforeTheFirstByte_ConnectionEnds()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await server.Log.WaitForAsync(line => line.Id.Name == "ConnectionStart");
        await server.StopAsync();
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData("G")]
    [InlineData("\u0016")]
    public async Task WithinTheFirstBytes_ConnectionEnds(string bytes)
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1)));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(bytes);
        await server.Log.WaitForAsync(line => line.Id.Name == "ConnectionStart");
        await server.StopAsync();
        await connection.ReadToEndAsync();
    }

    [Fact]
    public async Task PlaintextIdle_ConnectionEnds()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later: true);
        await server.StopAsync();
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DuringTheHandshake_RequestIsServedOut(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        var stop = server.StopAsync();
        await WaitForStoppingAsync(server);

        await connection.StartTlsAsync();
        var response = await connection.ReadResponseAsync();
        Assert.Contains("GET /x scheme=https", response.Content);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
        await stop;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DuringASilentHandshake_EndsWithinTheShutdownTimeout(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1)));
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        await server.StopAsync();
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task DirectTlsThatIsNotServedAndSaysNothing_Ends()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        await server.Log.WaitForAsync(line => line.Id.Name == "DirectHttp1Refused");
        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData("plaintext")]
    [InlineData("replayed")]
    [InlineData("replayed later")]
    [InlineData("upgraded")]
    public async Task RequestInFlight_IsServedOut(string phase)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                arrived.SetResult();
                await release.Task;
            }

            await UpgradeServer.DescribeAsync(context);
        }));
        await using var connection = await server.ConnectAsync().AfterAsync(phase == "replayed later");
        if (phase is "upgraded")
        {
            await connection.UpgradeAsync();
            await connection.ReadResponseAsync();
        }

        if (phase is "plaintext" or "upgraded")
        {
            await connection.SendAsync("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        else
        {
            await connection.UpgradeAsync(Request(target: "/slow"));
        }

        await arrived.Task;
        var stop = server.StopAsync();
        await WaitForStoppingAsync(server);
        release.SetResult();
        Assert.StartsWith("GET /slow", (await connection.ReadResponseAsync()).Content);
        await stop;
    }

    /// <summary>Kestrel has told its connections: it stops listening before that, in the same call.</summary>
    private static async Task WaitForStoppingAsync(UpgradeServer server)
    {
        var endPoint = server.EndPoint;
        var isListening = true;
        while (isListening)
        {
            try
            {
                await using var probe = await RawConnection.OpenAsync(endPoint);
                await Task.Yield();
            }
            catch (SocketException)
            {
                isListening = false;
            }
        }
    }
}
