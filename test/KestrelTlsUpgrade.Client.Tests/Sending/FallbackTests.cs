using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>When a client goes on in clear text, how long it remembers that, and what it forgets.</summary>
public sealed class FallbackTests
{
    private const string Advertisement = "HTTP/1.1 200 OK\r\nUpgrade: TLS/1.2\r\nConnection: keep-alive, Upgrade\r\nContent-Length: 0\r\n\r\n";

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    /// <summary>What servers do that do not answer an offer.</summary>
    private static readonly Dictionary<string, Func<ScriptedConnection, Task>> Endings = new()
    {
        ["hangs"] = connection => connection.ReadToEndAsync(),
        ["closes"] = _ => Task.CompletedTask,
        ["resets"] = connection =>
        {
            connection.Reset();
            return Task.CompletedTask;
        },
        ["closes in its answer"] = async connection =>
        {
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2\r\n");
            connection.ShutdownTcp();
            await connection.ReadToEndAsync();
        },
        ["hangs after an interim response"] = async connection =>
        {
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await connection.ReadToEndAsync();
        },
    };

    public static TheoryData<string> NoAnswers { get; } = [.. Endings.Keys];

    /// <summary>Answers each offer with the next of the answers, the last one again and again. <see langword="null"/> is an upgrade.</summary>
    private static ScriptedServer Answering(params string?[] answers)
    {
        var offers = -1;
        return new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (connection.Tls is not null || !head.StartsWith("OPTIONS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                }
                else if (answers[Math.Min(Interlocked.Increment(ref offers), answers.Length - 1)] is { } answer)
                {
                    await connection.SendAsync(answer);
                }
                else
                {
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync();
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                }
            }
        });
    }

    private static string Refusal(string status, string fields = "") => $"HTTP/1.1 {status}\r\n{fields}Content-Length: 0\r\n\r\n";

    private static async Task<bool> IsUpgradedAsync(HttpClient client, string uri)
    {
        using var response = await client.GetAsync(uri, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.GetTlsUpgradeInfo().IsUpgraded;
    }

    private static int Offers(ScriptedServer server) => server.Heads.Count(head => head.StartsWith("OPTIONS", StringComparison.Ordinal));

    [Theory]
    [InlineData("408 Request Timeout")]
    [InlineData("425 Too Early")]
    [InlineData("429 Too Many Requests")]
    [InlineData("500 Internal Server Error")]
    [InlineData("502 Bad Gateway")]
    [InlineData("503 Service Unavailable")]
    [InlineData("504 Gateway Timeout")]
    [InlineData("503 Service Unavailable", "Retry-After: 0\r\n")]
    [InlineData("403 Forbidden", "Retry-After: 0\r\n")]
    public async Task Preferred_PassingRefusal_AsksAgain(string status, string fields = "")
    {
        await using var server = Answering(Refusal(status, fields), null);
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        Assert.False(await IsUpgradedAsync(client, server.Uri));
        Assert.True(await IsUpgradedAsync(client, server.Uri));
    }

    /// <summary>The owner requires TLS while the client still remembers that there was none, on a connection that it keeps.</summary>
    [Theory]
    [InlineData("426 Upgrade Required", "Upgrade: TLS/1.3, HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\n")]
    [InlineData("307 Temporary Redirect", "Location: https://AUTHORITY/\r\n")]
    public async Task Preferred_RefusedAndThenRequired_UpgradesAndRepeats(string status, string fields)
    {
        var isRequired = false;
        var refused = false;
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                var isOffer = connection.Tls is null && head.StartsWith("OPTIONS", StringComparison.Ordinal);
                if (isOffer && Volatile.Read(ref isRequired))
                {
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync();
                }

                refused |= isOffer;
                var authority = head.Split("Host: ")[1].Split("\r\n")[0];
                await connection.SendAsync(!isOffer && connection.Tls is null && Volatile.Read(ref isRequired)
                    ? Refusal(status, fields.Replace("AUTHORITY", authority, StringComparison.Ordinal))
                    : ScriptedConnection.EmptyOk);
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        Assert.False(await IsUpgradedAsync(client, server.Uri));
        Volatile.Write(ref isRequired, true);
        Assert.True(await IsUpgradedAsync(client, server.Uri));
        Assert.True(await IsUpgradedAsync(client, server.Uri));
        Assert.Equal(2, Offers(server));
        Assert.True(refused);

        // Two in clear text, of which the second was repeated, and the third over TLS at once.
        Assert.Equal(4, server.Heads.Count(static head => head.StartsWith("GET", StringComparison.Ordinal)));
    }

    /// <summary>Content that cannot be sent again: the application gets the answer, and the next request is upgraded.</summary>
    [Fact]
    public async Task Preferred_RefusedAndThenRequired_ContentCannotBeRepeated_GetsTheAnswer()
    {
        var isRequired = false;
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.Contains("Content-Length: 1", StringComparison.Ordinal))
                {
                    await connection.ReadTextAsync(1);
                }

                var isOffer = connection.Tls is null && head.StartsWith("OPTIONS", StringComparison.Ordinal);
                if (isOffer && Volatile.Read(ref isRequired))
                {
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync();
                }

                await connection.SendAsync(!isOffer && connection.Tls is null && Volatile.Read(ref isRequired)
                    ? Refusal("426 Upgrade Required", "Upgrade: TLS/1.3, HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\n")
                    : ScriptedConnection.EmptyOk);
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        Assert.False(await IsUpgradedAsync(client, server.Uri));
        Volatile.Write(ref isRequired, true);
        using var stream = new MemoryStream([1]);
        using var content = new StreamContent(stream);
        using var answer = await client.PostAsync(server.Uri, content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.StatusCode);
        Assert.True(await IsUpgradedAsync(client, server.Uri));
    }

    [Theory]
    [InlineData("200 OK")]
    [InlineData("307 Temporary Redirect")]
    [InlineData("400 Bad Request")]
    [InlineData("404 Not Found")]
    [InlineData("405 Method Not Allowed")]
    [InlineData("501 Not Implemented")]
    [InlineData("505 HTTP Version Not Supported")]
    [InlineData("501 Not Implemented", "Retry-After: soon\r\n")]
    [InlineData("501 Not Implemented", "Retry-After: -1\r\n")]
    [InlineData("501 Not Implemented", "Retry-After: 99999999999999999999\r\n")]
    public async Task Preferred_LastingRefusal_IsRemembered(string status, string fields = "")
    {
        await using var server = Answering(Refusal(status, fields), null);
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        Assert.False(await IsUpgradedAsync(client, server.Uri));
        Assert.False(await IsUpgradedAsync(client, server.Uri));
        Assert.Equal(1, Offers(server));
    }

    [Theory]
    [InlineData("503 Service Unavailable", "Retry-After: 60\r\n", 60)]
    [InlineData("404 Not Found", "Retry-After: 60\r\n", 60)]
    [InlineData("503 Service Unavailable", "Retry-After: Sat, 01 Jan 2000 00:01:00 GMT\r\n", 60)]
    [InlineData("503 Service Unavailable", "Retry-After: 100000\r\n", 600)]
    public async Task Preferred_RetryAfter_IsHowLongARefusalIsRemembered(string status, string fields, int seconds)
    {
        // The clock begins at the start of the year 2000.
        var time = new FakeTimeProvider();
        await using var server = Answering(Refusal(status, fields), null);
        using var client = TestClient.Create(TlsUpgradeMode.Preferred, options => options.TimeProvider = time);
        Assert.False(await IsUpgradedAsync(client, server.Uri));
        time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.False(await IsUpgradedAsync(client, server.Uri));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await IsUpgradedAsync(client, server.Uri));
    }

    [Theory]
    [InlineData("503 Service Unavailable", false)]
    [InlineData("502 Bad Gateway", false)]
    [InlineData("403 Forbidden", true)]
    [InlineData("405 Method Not Allowed", true)]
    public async Task Preferred_RefusalOfTheProxy_IsRememberedIfItLasts(string status, bool isLasting)
    {
        var tunnels = 0;
        await using var proxy = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.StartsWith("CONNECT", StringComparison.Ordinal) && Interlocked.Increment(ref tunnels) > 1)
                {
                    await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
                    await connection.UpgradeAndAnswerAsync();
                }
                else
                {
                    await connection.SendAsync(head.StartsWith("CONNECT", StringComparison.Ordinal) ? Refusal(status) : ScriptedConnection.EmptyOk);
                }
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred, AcceptAnyName, ThroughProxy(proxy));
        Assert.False(await IsUpgradedAsync(client, "http://a.test/"));
        Assert.Equal(!isLasting, await IsUpgradedAsync(client, "http://a.test/"));
    }

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public async Task Preferred_NoAnswerToTheOffer_GoesOnInClearText(string ending)
    {
        foreach (var isConnectTimeout in ending.StartsWith("hangs", StringComparison.Ordinal) ? new[] { false, true } : [false])
        {
            await using var server = Unanswering(ending);
            using var client = Impatient(TlsUpgradeMode.Preferred, isConnectTimeout);
            using var response = await client.PostAsync(server.Uri, new StringContent("content"), TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode);
            Assert.False(response.GetTlsUpgradeInfo().IsUpgraded);

            // That answered, so it was the offer.
            Assert.False(await IsUpgradedAsync(client, server.Uri));
            Assert.Equal(1, Offers(server));
        }
    }

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public async Task Required_NoAnswerToTheOffer_FailsAndSendsNothing(string ending)
    {
        foreach (var isConnectTimeout in ending.StartsWith("hangs", StringComparison.Ordinal) ? new[] { false, true } : [false])
        {
            await using var server = Unanswering(ending);
            using var client = Impatient(TlsUpgradeMode.Required, isConnectTimeout);
            var exception = await Record.ExceptionAsync(
                () => client.PostAsync(server.Uri, new StringContent("content"), TestContext.Current.CancellationToken));
            Assert.True(
                isConnectTimeout ? exception is TaskCanceledException { InnerException: TimeoutException } : exception is HttpRequestException,
                $"{ending}: {exception}");

            Assert.All(server.Heads, head => Assert.StartsWith("OPTIONS *", head, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("429 Too Many Requests")]
    [InlineData("503 Service Unavailable")]
    [InlineData("503 Service Unavailable", "Retry-After: 60\r\n")]
    public async Task Required_PassingRefusal_FailsAndSendsNothing(string status, string fields = "")
    {
        await using var server = Answering(Refusal(status, fields), null);
        using var client = TestClient.Create();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri, TestContext.Current.CancellationToken));
        Assert.StartsWith("OPTIONS *", Assert.Single(server.Heads), StringComparison.Ordinal);
        Assert.True(await IsUpgradedAsync(client, server.Uri));
    }

    /// <summary>A server that is just being restarted hangs up on every request.</summary>
    [Fact]
    public async Task Preferred_NoAnswerInClearTextEither_IsNotRemembered()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            if (connection.Number < 2)
            {
                await connection.ReadHeadAsync();
                return;
            }

            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        await Assert.ThrowsAsync<HttpRequestException>(
            () => client.PostAsync(server.Uri, new StringContent("content"), TestContext.Current.CancellationToken));
        Assert.True(await IsUpgradedAsync(client, server.Uri));
    }

    [Theory]
    [InlineData(TlsUpgradeMode.Preferred, true)]
    [InlineData(TlsUpgradeMode.Preferred, false)]
    [InlineData(TlsUpgradeMode.Required, true)]
    [InlineData(TlsUpgradeMode.Required, false)]
    public async Task NoAnswerOfTheProxyToConnect_GoesOnInClearTextIfTheModeAllowsIt(TlsUpgradeMode mode, bool isHanging)
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.StartsWith("CONNECT", StringComparison.Ordinal))
                {
                    await (isHanging ? connection.ReadToEndAsync() : Task.CompletedTask);
                    return;
                }

                await connection.SendAsync(ScriptedConnection.EmptyOk);
            }
        });
        using var client = TestClient.Create(
            mode,
            options => options.UpgradeTimeout = Short,
            handler =>
            {
                ThroughProxy(proxy)(handler);
                handler.ConnectTimeout = mode is TlsUpgradeMode.Required ? Short : RawConnection.Patience;
            });
        if (mode is TlsUpgradeMode.Preferred)
        {
            Assert.False(await IsUpgradedAsync(client, "http://a.test/"));
        }
        else
        {
            Assert.NotNull(await Record.ExceptionAsync(() => client.GetAsync("http://a.test/", TestContext.Current.CancellationToken)));
            Assert.All(proxy.Heads, head => Assert.StartsWith("CONNECT", head, StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public async Task OnDemand_NoAnswerAfterAnAdvertisement_GoesOnInClearText(string ending)
    {
        await using var server = Unanswering(ending, Advertisement);
        using var client = Impatient(TlsUpgradeMode.OnDemand, isConnectTimeout: false);
        for (var i = 0; i < 3; i++)
        {
            Assert.False(await IsUpgradedAsync(client, server.Uri));
        }
    }

    /// <summary>Nobody knows who wrote the advertisement, and the handshake shows that it was not the server.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnDemand_HandshakeFailsAfterAnAdvertisement_IsForgotten(bool isDemand)
    {
        var isForged = true;
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.StartsWith("OPTIONS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(ScriptedConnection.Switching + "not TLS, which is what the server speaks");
                    return;
                }

                await connection.SendAsync(!Volatile.Read(ref isForged) ? ScriptedConnection.EmptyOk
                    : isDemand ? "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade, keep-alive\r\nContent-Length: 0\r\n\r\n"
                    : Advertisement);
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        var first = await Record.ExceptionAsync(() => IsUpgradedAsync(client, server.Uri));
        Volatile.Write(ref isForged, false);
        var second = await Record.ExceptionAsync(() => IsUpgradedAsync(client, server.Uri));

        // A request that was to be upgraded is never sent in clear text instead. The next one begins anew.
        Assert.Equal([isDemand, !isDemand], [first is HttpRequestException, second is HttpRequestException]);
        Assert.False(await IsUpgradedAsync(client, server.Uri));
    }

    [Fact]
    public async Task OnDemand_ServerWhoseAdvertisementIsWrong_FailsOneRequestAWhile()
    {
        var time = new FakeTimeProvider();
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.StartsWith("OPTIONS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync(options => options.ServerCertificate = TestCertificates.Other);
                    return;
                }

                await connection.SendAsync(Advertisement);
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand, options => options.TimeProvider = time);
        var failures = 0;
        for (var i = 0; i < 10; i++)
        {
            failures += await Record.ExceptionAsync(() => IsUpgradedAsync(client, server.Uri)) is null ? 0 : 1;
        }

        Assert.Equal(1, failures);
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.False(await IsUpgradedAsync(client, server.Uri));
        await Assert.ThrowsAsync<HttpRequestException>(() => IsUpgradedAsync(client, server.Uri));
    }

    /// <summary>One bad server behind a balancer must not fail all that wait for the first connection.</summary>
    [Theory]
    [InlineData(TlsUpgradeMode.Preferred)]
    [InlineData(TlsUpgradeMode.OnDemand)]
    public async Task FirstConnectionFails_OnlyTheRequestThatBeganItFails(TlsUpgradeMode mode)
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var offers = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (connection.Tls is not null || !head.StartsWith("OPTIONS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(connection.Tls is null ? Advertisement : ScriptedConnection.EmptyOk);
                    continue;
                }

                var isFirst = Interlocked.Increment(ref offers) == 1;
                if (isFirst)
                {
                    await released.Task;
                }

                await connection.SendAsync(ScriptedConnection.Switching);
                if (isFirst)
                {
                    connection.Reset();
                    return;
                }

                await connection.StartTlsAsync();
                await connection.SendAsync(ScriptedConnection.EmptyOk);
            }
        });
        using var client = TestClient.Create(mode);
        if (mode is TlsUpgradeMode.OnDemand)
        {
            Assert.False(await IsUpgradedAsync(client, server.Uri));
        }

        var requests = Enumerable.Range(0, 10).Select(_ => IsUpgradedAsync(client, server.Uri)).ToArray();
        released.SetResult();
        var failures = 0;
        foreach (var request in requests)
        {
            if (await Record.ExceptionAsync(async () => Assert.True(await request)) is { } failure)
            {
                Assert.IsType<HttpRequestException>(failure);
                failures++;
            }
        }

        // It may even get the connection that another request opens.
        Assert.InRange(failures, 0, 1);
    }

    /// <summary>A server that has just completed a handshake gets no request in clear text, even if the next offer is refused.</summary>
    [Theory]
    [InlineData("refuses")]
    [InlineData("closes")]
    public async Task Preferred_HandshakeDoneAndTheNextOfferRefused_IsNotSentInClearText(string second)
    {
        var isFaulty = true;
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (connection.Tls is not null)
                {
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                }
                else if (head.StartsWith("OPTIONS", StringComparison.Ordinal))
                {
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync();
                    var isClosing = Volatile.Read(ref isFaulty);
                    await connection.SendAsync(isClosing
                        ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                        : ScriptedConnection.EmptyOk);
                    if (isClosing)
                    {
                        await connection.ReadToEndAsync();
                        return;
                    }
                }
                else if (second == "refuses")
                {
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                }
                else
                {
                    await Endings[second](connection);
                    return;
                }
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<HttpRequestException>(
                () => client.PostAsync(server.Uri + "secret", new StringContent("content"), TestContext.Current.CancellationToken));
            Assert.Contains("OPTIONS *", failure.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(server.Heads, head => head.Contains("secret", StringComparison.Ordinal));
        Volatile.Write(ref isFaulty, false);
        Assert.True(await IsUpgradedAsync(client, server.Uri));
    }

    /// <summary>The proxy's TLS says nothing about the origin.</summary>
    [Fact]
    public async Task OnDemand_HandshakeWithTheProxyFails_TheOriginIsAskedAgain()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            if (connection.Number == 1)
            {
                await connection.ReadSomeAsync();
                await connection.SendAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
                return;
            }

            await connection.StartTlsAsync();
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (!head.StartsWith("CONNECT", StringComparison.Ordinal))
                {
                    await connection.SendAsync(Advertisement);
                    continue;
                }

                await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
                await connection.UpgradeInsideTlsAsync();
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand, AcceptAnyName, handler =>
        {
            handler.UseProxy = true;
            handler.Proxy = new WebProxy($"https://localhost:{proxy.Port}");
        });
        Assert.False(await IsUpgradedAsync(client, "http://a.test/"));
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => IsUpgradedAsync(client, "http://a.test/"));
        Assert.Equal(HttpRequestError.SecureConnectionError, failure.HttpRequestError);
        Assert.False(await IsUpgradedAsync(client, "http://a.test/"));
        Assert.True(await IsUpgradedAsync(client, "http://a.test/"));
    }

    [Fact]
    public async Task Required_CertificateOfTheProxyRejected_IsALastingFailure()
    {
        await using var proxy = new ScriptedServer(connection => connection.StartTlsAsync(options => options.ServerCertificate = TestCertificates.Other));
        using var client = TestClient.Create(handler: handler =>
        {
            handler.UseProxy = true;
            handler.Proxy = new WebProxy($"https://localhost:{proxy.Port}");
        });
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://a.test/", TestContext.Current.CancellationToken));
        Assert.Equal(HttpRequestError.SecureConnectionError, failure.HttpRequestError);
        Assert.True(failure.IsLastingTlsUpgradeFailure());
    }

    private static void AcceptAnyName(TlsUpgradeClientOptions options) =>
        options.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;

    private static Action<SocketsHttpHandler> ThroughProxy(ScriptedServer proxy) => handler =>
    {
        handler.UseProxy = true;
        handler.Proxy = new WebProxy(proxy.Uri);
    };

    private static HttpClient Impatient(TlsUpgradeMode mode, bool isConnectTimeout) => TestClient.Create(
        mode,
        options => options.UpgradeTimeout = isConnectTimeout ? RawConnection.Patience : Short,
        handler => handler.ConnectTimeout = isConnectTimeout ? TimeSpan.FromSeconds(2) : RawConnection.Patience);

    /// <summary>A server that knows requests, but no offers.</summary>
    private static ScriptedServer Unanswering(string ending, string answer = ScriptedConnection.EmptyOk) => new(async connection =>
    {
        while (await connection.ReadHeadAsync() is { Length: > 0 } head)
        {
            if (head.StartsWith("OPTIONS", StringComparison.Ordinal))
            {
                await Endings[ending](connection);
                return;
            }

            await connection.ReadTextAsync(head.StartsWith("POST", StringComparison.Ordinal) ? "content".Length : 0);
            await connection.SendAsync(answer);
        }
    });
}
