using System.IO.Pipelines;
using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Faults;

/// <summary>Connection middleware of others, in front of the upgrade and behind it.</summary>
public sealed class InnerMiddlewareTests
{
    [Fact]
    public async Task A01_LoggingBehindUs_BytesBehindALaterUpgrade_RefusedNotSwallowed()
    {
        await using var server = await StartAsync(endpoint => endpoint.UseConnectionLogging());
        await using var connection = await server.ConnectAsync().AfterAsync(later: true);
        await connection.SendAsync(Request() + "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(400, response.Status);
        Assert.Equal("close", response["Connection"]);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.Contains(server.Log.Lines, line => line.Id.Name == "ReadAhead");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LoggingBehindUs_Upgrades(bool later)
    {
        await using var server = await StartAsync(endpoint => endpoint.UseConnectionLogging());
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync();
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task A09_ReaderAheadBehindUs_ReplayedRequestStillHasNoCertificate()
    {
        await using var server = await StartAsync(endpoint => endpoint.Use(next => async context =>
        {
            // Reads on at once, whatever HTTP is at.
            var transport = context.Transport;
            var pipe = new Pipe();
            var pump = transport.Input.CopyToAsync(pipe.Writer);
            context.Transport = new DuplexPipe(pipe.Reader, transport.Output);
            await next(context);
            context.Transport = transport;
            transport.Input.CancelPendingRead();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pump);
        }));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        await connection.StartTlsAsync(configure: options => options.ClientCertificates = [TestCertificates.Client]);
        Assert.Contains("replayed=True aware=False tls=Tls13 host=localhost certificate= ", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        var next = await connection.ReadResponseAsync();
        Assert.Contains("replayed=False", next.Content);
        Assert.Contains($"certificate={TestCertificates.Client.Subject}", next.Content);
    }

    [Fact]
    public async Task A12_ReplayedRequest_LeavesNothingToTheNext()
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(context =>
        {
            var items = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
            var state = context.Features.GetRequiredFeature<IPersistentStateFeature>().State;
            var before = $"{items.ContainsKey("user")} {state.ContainsKey("user")}";
            items["user"] = state["user"] = context.Request.Path;
            return context.Response.WriteAsync(before);
        }));
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.UpgradeAsync();
            foreach (var expected in new[] { "False False", "False False", "True True" })
            {
                Assert.Equal(expected, (await connection.ReadResponseAsync()).Content);
                await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
        }
    }

    [Fact]
    public async Task TlsEndedInFrontOfUs_GoesOnAsItIs()
    {
        await using var server = await UpgradeServer.StartAsync(endpoint: endpoint => endpoint.Use(next => context =>
        {
            context.Features.Set<ITlsConnectionFeature>(new TlsConnectionFeature());
            return next(context);
        }));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        Assert.Contains("scheme=https state= ", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task PlaintextConnection_WhatWasLeftOnIt_IsSeenInFront()
    {
        var end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint =>
            {
                endpoint.Use(next => async context =>
                {
                    context.Features.Set("before");
                    await next(context);
                    end.SetResult($"{context.Items["item"]} {context.Features.Get<Version>()} {context.Features.Get<string>() ?? "none"}");
                });
                endpoint.UseTlsUpgrade(TestCertificates.Server);
                endpoint.Use(next => context =>
                {
                    context.Items["item"] = "item";
                    context.Features.Set(new Version(1, 0));
                    context.Features.Set<string>(null);
                    return next(context);
                });
            }));
        });
        await using (await server.ConnectAsync().AfterAsync(later: true))
        {
        }

        Assert.Equal("item 1.0 none", await end.Task.WaitAsync(RawConnection.Patience));
    }

    private static Task<UpgradeServer> StartAsync(Action<ListenOptions> behind) => UpgradeServer.StartAsync(builder =>
    {
        builder.WebHost.UseTlsUpgrade(options =>
        {
            options.Https.ServerCertificate = TestCertificates.Server;
            options.Https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            options.Https.AllowAnyClientCertificate();
        });
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, behind));
    });
}
