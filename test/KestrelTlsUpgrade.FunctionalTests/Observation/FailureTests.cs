using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>Why handshakes failed, with the clients that fail: in the metric, and in words in the log.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData("first_request", "GET /x HTTP/1.1\r\n\r\n")]
    [InlineData("first_request", "G")]
    [InlineData("later_request", "GET /x HTTP/1.1\r\n\r\n")]
    public async Task PlaintextAfter101_IsTold(string start, string text)
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                await connection.SendAsync(text);
                connection.Shutdown();
                await connection.ReadToEndAsync();
            },
            "plaintext_after_101",
            "UpgradeFailed",
            LogLevel.Information,
            "intermediary relays Upgrade",
            start);
    }

    [Theory]
    [InlineData("-tls1", "TLS 1.0")]
    [InlineData("-tls1_1", "TLS 1.1")]
    public async Task NoSharedVersion_IsTold(string option, string version)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var start in new[] { "first_request", "later_request", "first_byte" })
        {
            await AssertOpenSslAsync(
                server,
                "no_shared_version",
                $"The client offers {version} only, and the endpoint has TLS 1.2 and TLS 1.3.",
                start,
                option,
                "-cipher",
                "DEFAULT@SECLEVEL=0");
        }
    }

    /// <summary>What Kestrel would log is where causes come from, and goes into the log no more than the application wants.</summary>
    [Theory]
    [InlineData(LogLevel.Debug)]
    [InlineData(LogLevel.Warning)]
    [InlineData(LogLevel.None)]
    public async Task NoSharedVersion_WhateverKestrelMayLog_IsTold(LogLevel level)
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Https", level)));
        await AssertOpenSslAsync(
            server, "no_shared_version", "The client offers TLS 1.1 only", "first_request", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
        var isLogged = server.Log.Lines.Any(line => line.Category.StartsWith("Microsoft.AspNetCore.Server.Kestrel.Https", StringComparison.Ordinal));
        Assert.Equal(level is LogLevel.Debug, isLogged);
    }

    [Fact]
    public async Task NoSharedVersion_OfNewVersions_IsTold()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.SslProtocols = SslProtocols.Tls13);
        await AssertOpenSslAsync(
            server, "no_shared_version", "The client offers TLS 1.2 only, and the endpoint has TLS 1.3.", "first_request", "-tls1_2");
    }

    [Theory]
    [InlineData("-tls1_2", "-cipher", "AES128-SHA")]
    [InlineData("-tls1_2", "-sigalgs", "RSA+SHA256")]
    [InlineData("-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256")]
    [InlineData("-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256")]
    public async Task NoSharedCipher_IsTold(params string[] arguments)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var start in new[] { "first_request", "first_byte" })
        {
            await AssertOpenSslAsync(server, "no_shared_cipher", "no cipher suite, group or signature algorithm in common", start, arguments);
        }
    }

    /// <summary>An old version that is enabled needs OpenSSL to agree.</summary>
    [Theory]
    [InlineData("first_request")]
    [InlineData("first_byte")]
    public async Task NoSharedCipher_OfAnOldVersionThatIsEnabled_IsTold(string start)
    {
#pragma warning disable CA5397, SYSLIB0039 // What old devices have.
        await using var server = await UpgradeServer.StartAsync(options => options.Https.SslProtocols = SslProtocols.Tls | SslProtocols.Tls12);
#pragma warning restore CA5397, SYSLIB0039
        await AssertOpenSslAsync(
            server,
            "no_shared_cipher",
            "The client offers TLS 1.0 only, for which the security level of OpenSSL on this machine may leave nothing.",
            start,
            "-tls1",
            "-cipher",
            "DEFAULT@SECLEVEL=0");
    }

    [Theory]
    [InlineData("-tls1_2", "first_request")]
    [InlineData("-tls1_3", "first_request")]
    [InlineData("-tls1_3", "later_request")]
    [InlineData("-tls1_3", "first_byte")]
    public async Task ClientRejectedCertificate_IsTold(string option, string start)
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertOpenSslAsync(
            server, "client_rejected_certificate", "does not accept the server's certificate (unknown_ca)", start, option, "-verify_return_error");
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task ClientCertificateMissing_IsTold(string option)
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.ClientCertificateMode = ClientCertificateMode.RequireCertificate);
        await AssertOpenSslAsync(server, "client_certificate_missing", "ClientCertificateMode requires one", "first_request", option);
    }

    [Fact]
    public async Task ClientCertificateRejected_IsTold()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.ClientCertificateMode = ClientCertificateMode.RequireCertificate);
        await AssertAsync(
            server,
            connection => StartTlsAsync(connection, TestCertificates.Client),
            "client_certificate_rejected",
            "UpgradeFailed",
            LogLevel.Information,
            "from an unknown CA");
    }

    /// <summary>The settings of a connection from a callback in code, with a rule of its own for client certificates and without.</summary>
    [Theory]
    [InlineData(false, false, "client_certificate_missing")]
    [InlineData(false, true, "client_certificate_missing")]
    [InlineData(true, false, "client_certificate_rejected")]
    [InlineData(true, true, "client_certificate_rejected")]
    public async Task ClientCertificate_OfAHandshakeCallback_IsTold(bool hasCertificate, bool hasRule, string cause)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.HandshakeCallback = new()
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificate = TestCertificates.Server,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = hasRule ? (_, _, _, _) => false : null,
            }),
        });
        await AssertAsync(
            server,
            connection => StartTlsAsync(connection, hasCertificate ? TestCertificates.Client : null),
            cause,
            "UpgradeFailed",
            LogLevel.Information,
            hasCertificate ? "from an unknown CA" : "sent no certificate");
    }

    [Fact]
    public async Task ClientCertificate_OfAHandshakeCallbackThatTakesIt_IsServed()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.HandshakeCallback = new()
        {
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificate = TestCertificates.Server,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            }),
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync(configure: tls => tls.ClientCertificates = new X509CertificateCollection { TestCertificates.Client });

        // The replayed request came before the certificate, which the callback may require.
        Assert.Equal(403, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>The other one is what SslStream throws where a client sent no ClientHello.</summary>
    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(NotSupportedException))]
    public async Task HandshakeCallback_ThatFails_IsAFailedHandshakeAndAnError(Type exception)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.HandshakeCallback = new()
        {
            OnConnection = _ => throw (Exception)Activator.CreateInstance(exception, "of the application")!,
        });
        server.IsExpected = line => line.Exception?.Message is "of the application";
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await StartTlsAsync(connection, certificate: null);
        Assert.Equal(
            ["error.type=handshake_failed tls_upgrade.outcome=failed tls_upgrade.start=first_request"], await connections.WaitForAsync(1));
        await server.Log.WaitForAsync(server.IsExpected);
    }

    [Fact]
    public async Task OnAuthenticate_ThatFails_IsAnError()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.OnAuthenticate = (_, _) => throw new NotSupportedException("of the application"));
        server.IsExpected = line => line.Exception?.Message is "of the application";
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.ReadToEndAsync();
        await server.Log.WaitForAsync(server.IsExpected);
    }

    [Theory]
    [InlineData("first_request")]
    [InlineData("first_byte")]
    public async Task ServerNameUnknown_IsTold(string start)
    {
        using var files = new CertificateFiles();
        await using var server = await ConfiguredServer.StartAsync(
        [
            "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
            $"Kestrel:Endpoints:Web:TlsUpgrade:Sni:a.test:Certificate:Path={files.WritePem("tls.crt", TestCertificates.Server)}",
            $"Kestrel:Endpoints:Web:TlsUpgrade:Sni:a.test:Certificate:KeyPath={files.WriteKey("tls.key", TestCertificates.Server)}",
        ]);
        await AssertToldAsync(
            server,
            async () =>
            {
                await using var connection = await server.ConnectAsync();
                if (start is "first_request")
                {
                    await connection.SendAsync(Request(host: "unknown.test"));
                    Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
                }

                await StartTlsAsync(connection, certificate: null, "unknown.test");
            },
            "server_name_unknown",
            start is "first_byte" ? "DirectTlsFailed" : "UpgradeFailed",
            start is "first_byte" ? LogLevel.Debug : LogLevel.Information,
            "none for the requested name",
            start);
    }

    /// <summary>
    /// Where the settings depend on the ClientHello, SslStream without one throws what Kestrel takes for an error of the application. There
    /// must be no line of that, as anybody can cause it.
    /// </summary>
    [Theory]
    [InlineData("first_request", "1503030002 0250", "client_alert")]
    [InlineData("later_request", "1503030002 0228", "client_alert")]
    [InlineData("first_request", "1503030002", "client_alert")]
    [InlineData("first_request", "1603030004 02000000", "client_hello_unreadable")]
    [InlineData("first_byte", "1603030004 02000000", "client_hello_unreadable")]
    [InlineData("first_request", "474554202F20485454502F312E310D0A0D0A", "plaintext_after_101")]
    [InlineData("first_request", "1403030001 01", "plaintext_after_101")]
    [InlineData("first_request", "1703030001 01", "plaintext_after_101")]
    public async Task NoClientHello_OfSettingsByName_IsTheClientsFault(string start, string bytes, string cause)
    {
        using var files = new CertificateFiles();
        foreach (var byCallback in new[] { false, true })
        {
            await using var server = byCallback
                ? await UpgradeServer.StartAsync(options => options.HandshakeCallback = new()
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }),
                })
                : await ConfiguredServer.StartAsync(
                [
                    "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
                    $"Kestrel:Endpoints:Web:TlsUpgrade:Sni:a.test:Certificate:Path={files.WritePem("tls.crt", TestCertificates.Server)}",
                    $"Kestrel:Endpoints:Web:TlsUpgrade:Sni:a.test:Certificate:KeyPath={files.WriteKey("tls.key", TestCertificates.Server)}",
                ]);
            using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
            await using var connection = await server.ConnectAsync().AfterAsync(start is "later_request");
            if (start is not "first_byte")
            {
                await connection.SendAsync(Request(host: "unknown.test"));
                Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            }

            await connection.SendAsync(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)));
            connection.Shutdown();
            await connection.ReadToEndAsync();
            var outcome = cause is "client_hello_unreadable" ? "refused" : "failed";
            Assert.Equal([$"error.type={cause} tls_upgrade.outcome={outcome} tls_upgrade.start={start}"], await connections.WaitForAsync(1));
            if (outcome is "refused")
            {
                await server.Log.WaitForAsync(static line => line.Message.Contains("well-formed ClientHello", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>A client that finds out by itself that it cannot go on sends an alert in the place of a ClientHello.</summary>
    [Fact]
    public async Task ClientAlert_InPlaceOfAClientHello_IsTold()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertOpenSslAsync(
            server, "client_alert", "alert (internal_error)", "first_request", "-tls1_3", "-curves", "brainpoolP256r1");
    }

    [Fact]
    public async Task ClientAlert_IsTold()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                await connection.SendAsync(HelloText.OfTls12(0xC0, 0x2B));
                await connection.ReadAsync(5);
                // A fatal alert, user_canceled.
                await connection.SendAsync(new byte[] { 0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50 });
                await connection.ReadToEndAsync();
            },
            "client_alert",
            "UpgradeFailed",
            LogLevel.Information,
            "alert (internal_error)");
    }

    [Fact]
    public async Task Timeout_IsTold()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.HandshakeTimeout = TimeSpan.FromMilliseconds(50));
        await AssertAsync(
            server, connection => connection.ReadToEndAsync(), "timeout", "UpgradeAbandoned", LogLevel.Debug, "HandshakeTimeout");
    }

    [Fact]
    public async Task Closed_IsTold()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                connection.Shutdown();
                await connection.ReadToEndAsync();
            },
            "closed",
            "UpgradeAbandoned",
            LogLevel.Debug,
            "closed the connection");
    }

    [Fact]
    public async Task Reset_IsTold()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            connection =>
            {
                connection.Reset();
                return Task.CompletedTask;
            },
            "reset",
            "UpgradeAbandoned",
            LogLevel.Debug,
            "reset the connection");
    }

    [Fact]
    public async Task Aborted_IsTold()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                // It does not wait for anybody.
                await server.StopAsync(new CancellationToken(canceled: true));
                await connection.ReadToEndAsync();
            },
            "aborted",
            "UpgradeAbandoned",
            LogLevel.Debug,
            "The server closed the connection");
    }

    [Fact]
    public async Task HandshakeFailed_IsWhatElseThereIs()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                // A well-formed ClientHello whose compression methods lack the one that every client has.
                await connection.SendAsync(HelloText.OfTls12(0xC0, 0x2F).Replace("\u00C0/\u0001\0", "\u00C0/\u0001\u0001", StringComparison.Ordinal));
                await connection.ReadToEndAsync();
            },
            "handshake_failed",
            "UpgradeFailed",
            LogLevel.Information,
            "Microsoft.AspNetCore.Server.Kestrel logs more");
    }

    /// <summary>Starts TLS and waits for the end, whichever of the two the server refuses it with.</summary>
    private static async Task StartTlsAsync(RawConnection connection, X509Certificate2? certificate, string serverName = "localhost")
    {
        try
        {
            await connection.StartTlsAsync(
                serverName,
                configure: tls => tls.ClientCertificates = certificate is null ? null : new X509CertificateCollection { certificate });
            await connection.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
        }
    }

    private static async Task AssertOpenSslAsync(
        UpgradeServer server, string cause, string words, string start, params string[] arguments)
    {
        var isDirect = start is "first_byte";
        var isShutOut = cause is "no_shared_version" or "no_shared_cipher";
        await using var relay = isDirect ? null : new UpgradingRelay(server.EndPoint, Request(), later: start is "later_request");
        await AssertToldAsync(
            server,
            () => Peers.RunAsync(
                "", "openssl", ["s_client", "-connect", $"127.0.0.1:{relay?.Port ?? server.Port}", "-servername", "localhost", .. arguments]),
            cause,
            !isDirect ? "UpgradeFailed" : isShutOut ? "DirectTlsShutOut" : "DirectTlsFailed",
            isDirect && !isShutOut ? LogLevel.Debug : LogLevel.Information,
            words,
            start);
    }

    private static Task AssertAsync(
        UpgradeServer server,
        Func<RawConnection, Task> talk,
        string cause,
        string eventName,
        LogLevel level,
        string words,
        string start = "first_request") =>
        AssertToldAsync(
            server,
            async () =>
            {
                await using var connection = await server.ConnectAsync().AfterAsync(start is "later_request");
                await connection.SendAsync(Request());
                Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
                await talk(connection);
            },
            cause,
            eventName,
            level,
            words,
            start);

    private static async Task AssertToldAsync(
        UpgradeServer server, Func<Task> talk, string cause, string eventName, LogLevel level, string words, string start)
    {
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        using var kestrel = new Measurements<double>(server, "kestrel.connection.duration", "Microsoft.AspNetCore.Server.Kestrel");
        await talk();
        Assert.Equal([$"error.type={cause} tls_upgrade.outcome=failed tls_upgrade.start={start}"], await connections.WaitForAsync(1));

        // Kestrel's own word for it stands on Kestrel's own metric.
        var tags = Assert.Single(await kestrel.WaitForAsync(1));
        Assert.Contains("error.type=tls_handshake_failed ", tags);
        Assert.EndsWith($" tls_upgrade.outcome=failed tls_upgrade.start={start}", tags);

        var line = await server.Log.WaitForAsync(line => line.Id.Name == eventName && line.Message.Contains(cause, StringComparison.Ordinal));
        Assert.Equal(level, line.Level);
        Assert.Contains(words, line.Message);
    }
}
