using KestrelTlsUpgrade.Internal.Requiring.Attributes;
using KestrelTlsUpgrade.TestApp;
using KestrelTlsUpgrade.TestApp.Components;
using KestrelTlsUpgrade.TestApp.Pages;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Attributes that require TLS where no endpoint carries them: the server names them at start-up.</summary>
public sealed class AttributeCheckTests
{
    [Fact]
    public async Task KindsOfAspNetCore_OnlyPartsOfPagesNamed()
    {
        var assembly = typeof(EndpointKinds).Assembly;
        Assert.Equal(
            ["AspNetCoreGeneratedDocument.Pages_MarkedView", $"{typeof(OpenModel)}.{nameof(OpenModel.OnPostRequired)}"],
            await FindNamedAsync(services: EndpointKinds.AddServices, app: EndpointKinds.Map, assemblies: new(assembly)));
    }

    [Fact]
    public async Task NothingMapped_ComponentsNamed()
    {
        Assert.Equal(
            [$"{typeof(Required)}", $"{typeof(Secret)}"],
            await FindNamedAsync(_ => { }, assemblies: new(typeof(EndpointKinds).Assembly)));
    }

    [Fact]
    public async Task NoEndpointCarriesIt_Named()
    {
        var named = await FindNamedAsync(app =>
        {
            app.MapHub<MethodHub>("/hub");
            app.MapPost("/definition", () => "served").WithMetadata(new Definition(typeof(Defined)));
            app.MapGet("/static", Handlers.Get);
            app.MapGet("/page", () => "served");
        });
        Assert.Equal(
            [
                $"{typeof(Defined)}", $"{typeof(Handlers)}", $"{typeof(MethodHub)}.Send", $"{typeof(Part)}", $"{typeof(Service)}",
                $"{typeof(Service)}.Operation",
            ],
            named);
    }

    [Fact]
    public async Task EndpointRequiresTlsByConvention_NotNamed()
    {
        var named = await FindNamedAsync(app =>
        {
            app.MapHub<MethodHub>("/hub").RequireTlsUpgrade();
            app.MapPost("/definition", () => "served").WithMetadata(new Definition(typeof(Defined))).RequireTlsUpgrade();
            app.MapGet("/static", Handlers.Get).RequireTlsUpgrade();
        });
        Assert.Equal([$"{typeof(Part)}", $"{typeof(Service)}", $"{typeof(Service)}.Operation"], named);
    }

    [Fact]
    public async Task AttributeFromUnknownMember_OnlyCertainOnesNamed()
    {
        var named = await FindNamedAsync(app =>
        {
            app.MapHub<MethodHub>("/hub");
            app.MapPost("/definition", () => "served").WithMetadata(new Definition(typeof(Defined)));

            // As a framework does that gives an endpoint the attributes of a type, and does not name it.
            app.MapGet("/service", () => "served").WithMetadata(typeof(Service).GetCustomAttributes(inherit: true));
        });
        Assert.Equal([$"{typeof(Defined)}", $"{typeof(MethodHub)}.Send", $"{typeof(Part)}"], named);
    }

    [Fact]
    public async Task Named_AdviceGiven()
    {
        await using var server = await StartAsync(app => app.MapHub<MethodHub>("/hub"), null, new(typeof(AttributeCheckTests).Assembly));
        var line = await server.Log.WaitForAsync(line => line.Id.Name is "AttributeWithoutEffect" && line.Message.Contains(nameof(MethodHub)));
        Assert.Equal(
            $"{typeof(MethodHub)}.Send requires TLS by an attribute, but no endpoint carries it, so it has no effect. "
            + "Put it on the hub, which requires TLS as a whole.",
            line.Message);
    }

    /// <summary>The names are those of this test's types, or else of the application's.</summary>
    private static async Task<string[]> FindNamedAsync(
        Action<WebApplication> app, Action<IServiceCollection>? services = null, ApplicationAssemblies? assemblies = null)
    {
        var server = await StartAsync(app, services, assemblies ?? new(typeof(AttributeCheckTests).Assembly));

        // The check has ended when the server has.
        await server.DisposeAsync();
        return
        [
            .. server.Log.Lines
                .Where(line => line.Id.Name is "AttributeWithoutEffect")
                .Select(line => line.Message[..line.Message.IndexOf(' ', StringComparison.Ordinal)])
                .Where(name => assemblies is not null || name.StartsWith($"{typeof(AttributeCheckTests)}+", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static Task<UpgradeServer> StartAsync(
        Action<WebApplication> app, Action<IServiceCollection>? services, ApplicationAssemblies assemblies) =>
        UpgradeServer.StartAsync(
            (WebApplicationBuilder builder) =>
            {
                builder.Services.AddSingleton(assemblies).AddSignalR();
                services?.Invoke(builder.Services);
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            },
            app);

    private sealed class MethodHub : Hub
    {
        [RequireTlsUpgrade]
        public static string Send() => "sent";

        [RequireTlsUpgrade(Required = false)]
        public static string Lifted() => "sent";
    }

    /// <summary>As the metadata of frameworks that take none of a class's attributes, but say which class it is.</summary>
    private sealed record Definition(Type EndpointType);

    [RequireTlsUpgrade]
    private sealed class Defined;

    /// <summary>Minimal APIs take the attributes of a method, and not those of its class.</summary>
    [RequireTlsUpgrade]
    private static class Handlers
    {
        public static string Get() => "served";
    }

    /// <summary>As one that middleware serves.</summary>
    [RequireTlsUpgrade]
    private sealed class Service
    {
        [RequireTlsUpgrade]
        public static string Operation() => "served";
    }

    /// <summary>No page: part of whatever shows it.</summary>
    [RequireTlsUpgrade]
    private sealed class Part : ComponentBase;
}
