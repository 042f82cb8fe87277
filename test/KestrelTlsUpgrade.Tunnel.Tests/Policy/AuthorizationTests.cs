using System.Net;
using System.Net.Security;
using System.Security.Claims;
using System.Text.Encodings.Web;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Policy;

/// <summary>Who gets in.</summary>
public sealed class AuthorizationTests
{
    /// <summary>Makes every connection come from an address that is not this machine's.</summary>
    private static void FromElsewhere(ListenOptions listen) => listen.Use(next => context =>
    {
        context.RemoteEndPoint = new IPEndPoint(IPAddress.Parse("8.8.4.4"), 1234);
        return next(context);
    });

    [Fact]
    public async Task NothingSetUp_CallerFromElsewhere_403AndNoConnection()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(endpoint: FromElsewhere);
        var response = await proxy.RefusedTargetAsync(origin.Authority);
        Assert.Equal(403, response.Status);
        Assert.Contains("error=http_request_denied", response["Proxy-Status"]);
        Assert.Equal(0, origin.Count);
    }

    [Fact]
    public async Task Callback_KnowsTheCaller()
    {
        ConnectTunnelAuthorizationContext? seen = null;
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.Authorize = async context =>
            {
                await Task.Yield();
                seen = context;
                return ConnectTunnelAuthorizationResult.Allow;
            },
            endpoint: listen =>
            {
                FromElsewhere(listen);
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = TestCertificates.Server;
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.AllowAnyClientCertificate();
                });
            });
        await using var connection = await proxy.ConnectAsync();
        await connection.StartTlsAsync(configure: options =>
            options.ClientCertificateContext = SslStreamCertificateContext.Create(TestCertificates.Client, null, offline: true));
        await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Bearer x\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
        Assert.NotNull(seen);
        Assert.Equal("8.8.4.4:1234", seen.Caller?.ToString());
        Assert.Equal(TestCertificates.Client.Thumbprint, seen.ClientCertificate?.Thumbprint);
        Assert.Equal(("Bearer x", "127.0.0.1", origin.Port), (seen.ProxyAuthorization, seen.Host, seen.Port));
        Assert.NotNull(seen.Services.GetService<ILoggerFactory>());
    }

    [Fact]
    public async Task Callback_DecidesOnLocalCallersToo()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(options => options.Authorize = _ => default);
        Assert.Equal(403, (await proxy.RefusedTargetAsync(origin.Authority)).Status);
        Assert.Equal(0, origin.Count);
    }

    [Fact]
    public async Task Callback_DoesNotOpenNetworksOrPorts()
    {
        await using var proxy = await TunnelProxy.StartClosedAsync(
            options => options.Authorize = _ => new(ConnectTunnelAuthorizationResult.Allow));
        Assert.Equal(403, (await proxy.RefusedTargetAsync("127.0.0.1:443")).Status);
        Assert.Equal(403, (await proxy.RefusedTargetAsync("8.8.8.8:25")).Status);
    }

    [Fact]
    public async Task Callback_Throws_403AndLogged()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(options => options.Authorize = _ => throw new FormatException("x"));
        proxy.IsExpected = line => line.Exception is FormatException;
        Assert.Equal(403, (await proxy.RefusedTargetAsync(origin.Authority)).Status);
        Assert.Equal(0, origin.Count);
        await proxy.Log.WaitForAsync(line => line.Exception is FormatException && line.Id.Name == "AuthorizationFailed");
    }

    [Fact]
    public async Task Callback_ThrowsAgainAndAgain_TenLinesAMinute()
    {
        var time = new FakeTimeProvider();
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.Authorize = _ => throw new FormatException("x"), services: services => services.SetServerClock(time));
        proxy.IsExpected = line => line.Exception is FormatException || line.Id.Name == "LinesLeftOut";
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(403, (await proxy.RefusedTargetAsync(origin.Authority)).Status);
        }

        Assert.Equal(10, proxy.Log.Lines.Count(line => line.Id.Name == "AuthorizationFailed"));
        time.Advance(TimeSpan.FromMinutes(1));
        var line = await proxy.Log.WaitForAsync(line => line is { Level: LogLevel.Error, Id.Name: "LinesLeftOut" });
        Assert.StartsWith("2 more lines about connections from 127.0.0.1 ", line.Message);
    }

    [Fact]
    public async Task Callback_CallerLeaves_IsToldAndNothingIsDialled()
    {
        var (asked, canceled) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(options => options.Authorize = async context =>
        {
            using var registration = context.CancellationToken.Register(canceled.SetResult);
            asked.SetResult();
            await canceled.Task;
            return ConnectTunnelAuthorizationResult.Allow;
        });
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\n\r\n");
        await asked.Task.WaitAsync(RawConnection.Patience);
        connection.Reset();
        await proxy.EndedAsync("caller_left");
        Assert.Equal(0, origin.Count);
    }

    [Theory]
    [InlineData("", 407)]
    [InlineData("Proxy-Authorization: Token good\r\n", 200)]
    [InlineData("Proxy-Authorization: Token unwanted\r\n", 403)]
    public async Task Policy_DecidesOnTheSchemesResult(string field, int expected)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            options => (options.AuthorizationPolicy, options.ProxyChallenge) = ("tunnels", "Token realm=\"a\""),
            endpoint: FromElsewhere,
            services: services =>
            {
                services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, TokenHandler>("Token", null);
                services.AddAuthorizationBuilder().AddPolicy("tunnels", policy =>
                    policy.AddAuthenticationSchemes("Token").RequireAuthenticatedUser().RequireAssertion(context =>
                        context.Resource is ConnectTunnelAuthorizationContext { Host: "127.0.0.1" } && context.User.Identity!.Name == "good"));
            });
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\n{field}\r\n");
        var response = await connection.ReadResponseAsync(toHead: true);
        Assert.Equal(expected, response.Status);
        Assert.Equal(expected == 407 ? "Token realm=\"a\"" : null, response["Proxy-Authenticate"]);
        if (expected == 200)
        {
            // The origin has counted the connection by the time that it answers.
            await connection.SendAsync("x");
            await connection.ReadAsync(1);
        }

        Assert.Equal(expected == 200 ? 1 : 0, origin.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\r\nX: y")]
    [InlineData("ä")]
    public void Challenge_ThatIsNoFieldValue_Throws(string challenge) =>
        Assert.Throws<ArgumentException>(() => ConnectTunnelAuthorizationResult.Challenge(challenge));

    [Fact]
    public void Result_Default_IsDeny()
    {
        Assert.Equal(ConnectTunnelAuthorizationResult.Deny, default);
        Assert.False(default(ConnectTunnelAuthorizationResult).IsAllowed);
        Assert.True(ConnectTunnelAuthorizationResult.Allow != ConnectTunnelAuthorizationResult.Deny);
        Assert.True(ConnectTunnelAuthorizationResult.Challenge("a") == ConnectTunnelAuthorizationResult.Challenge("a"));
        Assert.False(ConnectTunnelAuthorizationResult.Challenge("a").IsAllowed);
    }

    private sealed class TokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var parts = Request.Headers.Authorization.ToString().Split(' ');
            if (parts is not ["Token", var name])
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "Token"));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, "Token")));
        }
    }
}
