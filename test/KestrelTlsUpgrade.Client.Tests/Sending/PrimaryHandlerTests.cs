using System.Net;
using System.Reflection;
using KestrelTlsUpgrade.Client.Internal.Factory;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>The client's primary handler is the upgrade's, whatever else the application configures, and in whatever order.</summary>
public sealed class PrimaryHandlerTests
{
    private static readonly CookieContainer Cookies = new();

    /// <summary>Settings of the application in every place where they can be, and what becomes of them.</summary>
    public static TheoryData<string, Action<IServiceCollection>> Brought { get; } = new()
    {
        { "UseSocketsHttpHandler later", services => Add(services).UseSocketsHttpHandler((handler, _) => Mark(handler)) },
        { "UseSocketsHttpHandler before", services => services.AddHttpClient("x").UseSocketsHttpHandler((handler, _) => Mark(handler)).UseTlsUpgrade(Trust) },
        { "UseSocketsHttpHandler with its builder", services => Add(services).UseSocketsHttpHandler(handler => handler.Configure((sockets, _) => Mark(sockets))) },
        { "a SocketsHttpHandler later", services => Add(services).ConfigurePrimaryHttpMessageHandler(() => Mark(new SocketsHttpHandler())) },
        { "a SocketsHttpHandler before", services => services.AddHttpClient("x").ConfigurePrimaryHttpMessageHandler(() => Mark(new SocketsHttpHandler())).UseTlsUpgrade(Trust) },
        { "an HttpClientHandler later", services => Add(services).ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { CookieContainer = Cookies, UseProxy = false }) },
        { "an HttpClientHandler before", services => services.AddHttpClient("x").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { CookieContainer = Cookies, UseProxy = false }).UseTlsUpgrade(Trust) },
        { "an action on the handler", services => Add(services).ConfigurePrimaryHttpMessageHandler((handler, _) => Mark((SocketsHttpHandler)handler)) },
        { "a handler of the services", services => Add(services.AddTransient(_ => Mark(new SocketsHttpHandler()))).ConfigurePrimaryHttpMessageHandler<SocketsHttpHandler>() },
        { "AddHttpClient a second time", services => Mark(services, () => Add(services)) },
        {
            "defaults of all clients",
            services =>
            {
                Add(services);
                services.ConfigureHttpClientDefaults(defaults => defaults.UseSocketsHttpHandler((handler, _) => Mark(handler)));
            }
        },
        {
            "an upgrade of all clients",
            services =>
            {
                services.ConfigureHttpClientDefaults(defaults => defaults.UseTlsUpgrade(Trust));
                services.AddHttpClient("x").UseSocketsHttpHandler((handler, _) => Mark(handler));
            }
        },
        { "two calls of UseTlsUpgrade", services => Add(services).UseSocketsHttpHandler((handler, _) => Mark(handler)).UseTlsUpgrade() },
    };

    /// <summary>Primary handlers whose settings cannot be read.</summary>
    public static TheoryData<string, Action<IServiceCollection>> Replaced { get; } = new()
    {
        { "HttpClientHandler", services => Add(services).ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true }) },
        { "HttpClientHandler", services => services.AddHttpClient("x").ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { ClientCertificateOptions = ClientCertificateOption.Automatic }).UseTlsUpgrade(Trust) },
        { "DerivedHandler", services => Add(services).ConfigurePrimaryHttpMessageHandler(() => new DerivedHandler()) },
        { "CannedHandler", services => Add(services).ConfigurePrimaryHttpMessageHandler<CannedHandler>().Services.AddTransient<CannedHandler>() },
        { "CannedHandler", services => Add(services).Services.Configure<HttpClientFactoryOptions>(
            "x", options => options.HttpMessageHandlerBuilderActions.Add(builder => builder.PrimaryHandler = new CannedHandler())) },
        {
            "CannedHandler",
            services =>
            {
                services.ConfigureHttpClientDefaults(defaults => defaults.UseTlsUpgrade(Trust));
                services.AddHttpClient("x").ConfigurePrimaryHttpMessageHandler(() => new CannedHandler());
            }
        },
        {
            // Weaker than what UseTlsUpgrade was told.
            "TlsUpgradeHttpHandler",
            services => Add(services).ConfigurePrimaryHttpMessageHandler(
                () => new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions { Mode = TlsUpgradeMode.OnDemand }))
        },
        { "CannedHandler", services => Add(services).Services.AddTransient<IHttpMessageHandlerBuilderFilter, ReplacingFilter>() },
        { "CannedHandler", services => Add(services.AddTransient<IHttpMessageHandlerBuilderFilter, ReplacingFilter>()) },
        { "CannedHandler", services => Add(services).Services.PostConfigure<HttpClientFactoryOptions>(
            "x", options => options.HttpMessageHandlerBuilderActions.Add(builder => builder.PrimaryHandler = new CannedHandler())) },
    };

    private static IHttpClientBuilder Add(IServiceCollection services) => services.AddHttpClient("x").UseTlsUpgrade(Trust);

    private static void Mark(IServiceCollection services, Action other)
    {
        other();
        services.AddHttpClient("x").UseSocketsHttpHandler((handler, _) => Mark(handler));
    }

    /// <summary>A cookie shows whether the handler's settings are in use.</summary>
    private static SocketsHttpHandler Mark(SocketsHttpHandler handler)
    {
        handler.CookieContainer = Cookies;
        handler.UseProxy = false;
        return handler;
    }

    private static void Trust(TlsUpgradeClientOptions options) =>
        options.SslOptions.CertificateChainPolicy = TestClient.Trusting(TestCertificates.Server);

    private static ScriptedServer Upgrade() => new(async connection =>
    {
        await connection.UpgradeAndAnswerAsync();
        await connection.ServeAsync(ScriptedConnection.EmptyOk);
    });

    [Theory]
    [MemberData(nameof(Brought), DisableDiscoveryEnumeration = true)]
    public async Task SocketsHttpHandlerOfTheApplication_IsTakenOver(string where, Action<IServiceCollection> configure)
    {
        await using var server = Upgrade();
        Cookies.Add(new Uri(server.Uri), new Cookie("from", "application"));
        var services = new ServiceCollection();
        configure(services);
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("x");
        using var response = await client.GetAsync(server.Uri, TestContext.Current.CancellationToken);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded, where);
        Assert.Contains("Cookie: from=application\r\n", server.Heads[1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Replaced), DisableDiscoveryEnumeration = true)]
    public async Task AnotherPrimaryHandler_Throws(string name, Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        configure(services);
        await using var provider = services.BuildServiceProvider();
        var exceptions = new[]
        {
            Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IHttpClientFactory>().CreateClient("x")),
            Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("x")),
        };
        Assert.All(exceptions, exception =>
        {
            Assert.Contains("'x'", exception.Message, StringComparison.Ordinal);
            Assert.Contains("UseTlsUpgrade", exception.Message, StringComparison.Ordinal);
            Assert.Contains("ConfigurePrimaryHttpMessageHandler", exception.Message, StringComparison.Ordinal);
            Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task OtherClients_AreLeftAlone()
    {
        var services = new ServiceCollection();
        Add(services);
        services.AddHttpClient("y").ConfigurePrimaryHttpMessageHandler(() => new CannedHandler());
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("y");
        using var response = await client.GetAsync("http://a.test/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Gone, response.StatusCode);
    }

    [Fact]
    public async Task OneClientOfAllUpgraded_CanStillBeAnsweredByADelegatingHandler()
    {
        var services = new ServiceCollection();
        services.ConfigureHttpClientDefaults(defaults => defaults.UseTlsUpgrade(Trust));
        services.AddHttpClient("x").AddHttpMessageHandler(() => new CannedDelegatingHandler());
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("x");
        using var response = await client.GetAsync("http://a.test/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Gone, response.StatusCode);
    }

    [Theory]
    [InlineData("typed")]
    [InlineData("keyed")]
    [InlineData("invoker")]
    public async Task OtherWaysToAClient_AreUpgraded(string way)
    {
        await using var server = Upgrade();
        var services = new ServiceCollection();
        services.AddHttpClient<TypedClient>().UseTlsUpgrade(Trust).UseSocketsHttpHandler((handler, _) => Mark(handler));
        Add(services).UseSocketsHttpHandler((handler, _) => Mark(handler)).AddAsKeyed();
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        using var client = way switch
        {
            "typed" => scope.ServiceProvider.GetRequiredService<TypedClient>().Client,
            "keyed" => scope.ServiceProvider.GetRequiredKeyedService<HttpClient>("x"),
            _ => new HttpMessageInvoker(provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("x"), disposeHandler: false),
        };
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
    }

    [Fact]
    public async Task UpgradeOfAllClients_EachHasItsOwnSettingsAndMemory()
    {
        await using var server = new ScriptedServer(connection => connection.ServeAsync(ScriptedConnection.EmptyOk));
        var services = new ServiceCollection();
        services.ConfigureHttpClientDefaults(defaults => defaults.UseTlsUpgrade(Trust).UseSocketsHttpHandler((handler, _) => Mark(handler)));
        services.AddHttpClient("a");
        services.AddHttpClient("b");
        services.AddHttpClient("c");
        services.Configure<TlsUpgradeClientOptions>("a", options => options.Mode = TlsUpgradeMode.Preferred);
        services.Configure<TlsUpgradeClientOptions>("b", options => options.Mode = TlsUpgradeMode.Preferred);
        await using var provider = services.BuildServiceProvider();
        var factory = provider.GetRequiredService<IHttpClientFactory>();
        foreach (var name in new[] { "a", "a", "b" })
        {
            using var client = factory.CreateClient(name);
            (await client.GetAsync(server.Uri, TestContext.Current.CancellationToken)).Dispose();
        }

        Assert.Equal(2, server.Heads.Count(head => head.StartsWith("OPTIONS", StringComparison.Ordinal)));
        foreach (var name in new[] { "c", "" })
        {
            using var client = factory.CreateClient(name);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri, TestContext.Current.CancellationToken));
        }
    }

    /// <summary>A setting that a later .NET adds must not be lost.</summary>
    [Fact]
    public void CopyTo_EverySetting_IsCopied()
    {
        var source = new SocketsHttpHandler();
        var defaults = new SocketsHttpHandler();
        var settings = typeof(SocketsHttpHandler).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).ToArray();
        foreach (var setting in settings)
        {
            setting.SetValue(source, Other(setting.PropertyType, setting.GetValue(defaults)));
        }

        source.SslOptions.TargetHost = "of the source";
        source.Properties["key"] = "value";
        using var target = new SocketsHttpHandler();
        source.CopyTo(target);
        Assert.All(settings.Where(setting => setting.Name != nameof(SocketsHttpHandler.SslOptions)), setting =>
        {
            Assert.NotEqual(setting.GetValue(defaults), setting.GetValue(target));
            Assert.Equal(setting.GetValue(source), setting.GetValue(target));
        });
        Assert.NotSame(source.SslOptions, target.SslOptions);
        Assert.Equal("of the source", target.SslOptions.TargetHost);
        Assert.Equal("value", target.Properties["key"]);
    }

    /// <summary>Other clients may use the application's handler, and ConfigureHandler is for this one alone.</summary>
    [Fact]
    public async Task ConfigureHandler_DoesNotChangeTheHandlerOfTheApplication()
    {
        using var shared = new SocketsHttpHandler();
        shared.SslOptions.ClientCertificates = [];
        shared.SslOptions.CertificateChainPolicy = new();
        shared.SslOptions.ApplicationProtocols = [];
        var certificates = new List<int>();
        var services = new ServiceCollection();
        services.AddHttpClient("x").ConfigurePrimaryHttpMessageHandler(() => shared).UseTlsUpgrade(options => options.ConfigureHandler = handler =>
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
            handler.SslOptions.CertificateChainPolicy!.CustomTrustStore.Add(TestCertificates.Other);
            handler.SslOptions.ApplicationProtocols!.Add(System.Net.Security.SslApplicationProtocol.Http11);
            certificates.Add(handler.SslOptions.ClientCertificates!.Add(TestCertificates.Client));
        });
        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler("x").Dispose();
        Assert.Null(shared.SslOptions.RemoteCertificateValidationCallback);
        Assert.Empty(shared.SslOptions.ClientCertificates);
        Assert.Empty(shared.SslOptions.CertificateChainPolicy.CustomTrustStore);
        Assert.Empty(shared.SslOptions.ApplicationProtocols);
        Assert.Equal([0, 0], certificates);
    }

    /// <summary>Every setting is copied, or known to have no counterpart.</summary>
    [Fact]
    public void ToSocketsHttpHandler_EverySettingThatHasACounterpart_IsCopied()
    {
        string[] others =
        [
            nameof(HttpClientHandler.CheckCertificateRevocationList), nameof(HttpClientHandler.ClientCertificateOptions), nameof(HttpClientHandler.SslProtocols),
            nameof(HttpClientHandler.ServerCertificateCustomValidationCallback), nameof(HttpClientHandler.UseDefaultCredentials),

            // Has no effect, says its documentation.
            nameof(HttpClientHandler.MaxRequestContentBufferSize),
        ];
        using var source = new HttpClientHandler { CheckCertificateRevocationList = true, SslProtocols = System.Security.Authentication.SslProtocols.Tls13 };
        source.ClientCertificates.Add(TestCertificates.Client);
        using var defaults = new HttpClientHandler();
        var settings = typeof(HttpClientHandler).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && !others.Contains(property.Name)).ToArray();
        foreach (var setting in settings)
        {
            setting.SetValue(source, Other(setting.PropertyType, setting.GetValue(defaults)));
        }

        using var target = source.ToSocketsHttpHandler()!;
        Assert.All(settings, setting => Assert.Equal(setting.GetValue(source), typeof(SocketsHttpHandler).GetProperty(setting.Name)!.GetValue(target)));
        Assert.Equal(System.Security.Authentication.SslProtocols.Tls13, target.SslOptions.EnabledSslProtocols);
        Assert.Equal(System.Security.Cryptography.X509Certificates.X509RevocationMode.Online, target.SslOptions.CertificateRevocationCheckMode);
        Assert.Equal([TestCertificates.Client], target.SslOptions.ClientCertificates!.Cast<System.Security.Cryptography.X509Certificates.X509Certificate2>());
    }

    /// <summary>A value that is not the default.</summary>
    private static object? Other(Type type, object? value) => value switch
    {
        bool flag => !flag,
        int number => number == int.MaxValue ? 7 : number + 65_536,
        TimeSpan time => time == Timeout.InfiniteTimeSpan ? TimeSpan.FromMinutes(7) : time + TimeSpan.FromSeconds(1),
        DecompressionMethods => DecompressionMethods.GZip,
        HttpKeepAlivePingPolicy => HttpKeepAlivePingPolicy.WithActiveRequests,
        _ when type == typeof(CookieContainer) => new CookieContainer(),
        _ when type == typeof(System.Net.Security.SslClientAuthenticationOptions) => new System.Net.Security.SslClientAuthenticationOptions(),
        _ when type == typeof(System.Diagnostics.DistributedContextPropagator) => System.Diagnostics.DistributedContextPropagator.CreateNoOutputPropagator(),
        _ when type == typeof(System.Diagnostics.Metrics.IMeterFactory) => new ServiceCollection().AddMetrics().BuildServiceProvider()
            .GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
        _ when type == typeof(IWebProxy) => new WebProxy("http://proxy.test/"),
        _ when type == typeof(ICredentials) => new NetworkCredential("a", "b"),
        _ when type.IsAssignableTo(typeof(Delegate)) => AnyDelegate(type),
        _ => throw new NotSupportedException($"A new type of setting: {type}."),
    };

    private static Delegate AnyDelegate(Type type) => System.Linq.Expressions.Expression.Lambda(
        type,
        System.Linq.Expressions.Expression.Default(type.GetMethod("Invoke")!.ReturnType),
        [.. type.GetMethod("Invoke")!.GetParameters().Select(parameter => System.Linq.Expressions.Expression.Parameter(parameter.ParameterType))]).Compile();

    private sealed class TypedClient(HttpClient client)
    {
        public HttpClient Client => client;
    }

    private sealed class CannedHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.Gone));
    }

    private sealed class DerivedHandler : HttpClientHandler;

    private sealed class CannedDelegatingHandler : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.Gone));
    }

    private sealed class ReplacingFilter : IHttpMessageHandlerBuilderFilter
    {
        public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
        {
            next(builder);
            builder.PrimaryHandler = new CannedHandler();
        };
    }
}
