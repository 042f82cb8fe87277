using System.Text.Json;
using System.Text.Json.Serialization;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>The 426 in the description of an API.</summary>
public sealed partial class OpenApiTests
{
    [Fact]
    public async Task Document_TellsOf426WhereTlsIsRequired()
    {
        var paths = await ReadPathsAsync(app =>
        {
            app.MapControllers();
            app.MapGet("/open", () => "open");
            app.MapGet("/secret", () => "secret").RequireTlsUpgrade();
            app.MapGet("/attribute", [RequireTlsUpgrade] () => "secret");
            app.MapGet("/own", () => "secret").ProducesProblem(StatusCodes.Status426UpgradeRequired, "text/own").RequireTlsUpgrade();
            var group = app.MapGroup("/group").RequireTlsUpgrade();
            group.MapGet("/secret", () => "secret");
            group.MapGet("/revoked", [RequireTlsUpgrade(Required = false)] () => "open");
        });

        foreach (var secret in new[] { "/secret", "/attribute", "/group/secret", "/described/secret" })
        {
            var content = Find(paths, secret).GetProperty("426").GetProperty("content").GetProperty("application/problem+json");
            Assert.EndsWith("/ProblemDetails", content.GetProperty("schema").GetProperty("$ref").GetString(), StringComparison.Ordinal);
        }

        foreach (var open in new[] { "/open", "/group/revoked", "/described/open" })
        {
            Assert.False(Find(paths, open).TryGetProperty("426", out _), open);
        }

        Assert.True(Find(paths, "/own").GetProperty("426").GetProperty("content").TryGetProperty("text/own", out _));
    }

    [Fact]
    public async Task Document_AllControllersRequireTls_TellsOf426ButWhereRevoked()
    {
        var paths = await ReadPathsAsync(app => app.MapControllers().RequireTlsUpgrade());
        Assert.True(Find(paths, "/described/plain").TryGetProperty("426", out _));
        Assert.True(Find(paths, "/described/secret").TryGetProperty("426", out _));
        Assert.False(Find(paths, "/described/open").TryGetProperty("426", out _));
    }

    /// <summary>As in an application that is compiled ahead of time: its JSON options know the types that it has listed.</summary>
    [Fact]
    public async Task Document_JsonOptionsWithoutProblemDetails_TellsOf426WithoutSchema()
    {
        var paths = await ReadPathsAsync(
            app => app.MapGet("/secret", () => "secret").RequireTlsUpgrade(),
            services => services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolver = ListedTypes.Default));
        var content = Find(paths, "/secret").GetProperty("426").GetProperty("content").GetProperty("application/problem+json");
        Assert.False(content.TryGetProperty("schema", out var schema) && schema.TryGetProperty("$ref", out _), content.GetRawText());
    }

    /// <summary><c>AddProblemDetails()</c> makes the type known.</summary>
    [Fact]
    public async Task Document_JsonOptionsOfProblemDetailsService_TellsOf426WithSchema()
    {
        var paths = await ReadPathsAsync(
            app => app.MapGet("/secret", () => "secret").RequireTlsUpgrade(),
            services => services
                .ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolver = ListedTypes.Default)
                .AddProblemDetails());
        var content = Find(paths, "/secret").GetProperty("426").GetProperty("content").GetProperty("application/problem+json");
        Assert.EndsWith("/ProblemDetails", content.GetProperty("schema").GetProperty("$ref").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_WithoutModelMetadata_TellsOf426WithSchema()
    {
        var paths = await ReadPathsAsync(app => app.MapGet("/secret", () => "secret").RequireTlsUpgrade(), _ => { });
        var content = Find(paths, "/secret").GetProperty("426").GetProperty("content").GetProperty("application/problem+json");
        Assert.EndsWith("/ProblemDetails", content.GetProperty("schema").GetProperty("$ref").GetString(), StringComparison.Ordinal);
    }

    private static Task<JsonElement> ReadPathsAsync(Action<WebApplication> map) => ReadPathsAsync(
        map, services => services.AddControllers().AddApplicationPart(typeof(DescribedController).Assembly));

    private static async Task<JsonElement> ReadPathsAsync(Action<WebApplication> map, Action<IServiceCollection> configure)
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services =>
            {
                services.AddOpenApi();
                configure(services);
            },
            app: app =>
            {
                app.MapOpenApi();
                map(app);
            });
        using var client = new HttpClient();
        using var document = JsonDocument.Parse(
            await client.GetStringAsync($"http://localhost:{server.Port}/openapi/v1.json", TestContext.Current.CancellationToken));
        return document.RootElement.GetProperty("paths").Clone();
    }

    private static JsonElement Find(JsonElement paths, string path) =>
        paths.GetProperty(path).GetProperty("get").GetProperty("responses");

    [JsonSerializable(typeof(string))]
    private sealed partial class ListedTypes : JsonSerializerContext;
}
