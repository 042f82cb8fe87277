using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace KestrelTlsUpgrade.Tests.Sections;

/// <summary>With the providers that applications have, and files that are read when the test says so.</summary>
public sealed class RetainedConfigurationTests : IDisposable
{
    private readonly CertificateFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Read_OnlyWhenTheTokenFires()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();
        var retained = RetainedConfiguration.Of(configuration);
        Assert.Null(retained.Read("A")["A:x"]);
        configuration["A:x"] = "1";
        Assert.Null(retained.Read()["A:x"]);
        configuration.Reload();
        Assert.Equal("1", retained.Read()["A:x"]);
    }

    [Fact]
    public void Read_SectionThatIsAskedForLater_IsThere()
    {
        var configuration = Build(new() { ["A:x"] = "1", ["B:y:z"] = "2", ["C"] = "3" });
        var retained = RetainedConfiguration.Of(configuration);
        Assert.Null(retained.Read("A")["B:y:z"]);
        var read = retained.Read("B");
        Assert.Equal(("1", "2", null), (read["A:x"], read["b:Y:z"], read["C"]));
    }

    /// <summary>Later providers override earlier ones, and a null one too.</summary>
    [Fact]
    public void Read_IsAsTheConfigurationItself()
    {
        var inner = Build(new() { ["A:x"] = "inner", ["A:empty"] = "" });
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["A:x"] = "first", ["A:y"] = "first", ["A:empty"] = "first", ["A:none"] = "first" })
            .AddConfiguration(inner)
            .AddJsonStream(new MemoryStream("""{ "A": { "y": "json", "none": null, "list": [ 1, 2 ], "nothing": {} } }"""u8.ToArray()))
            .Build();
        var read = RetainedConfiguration.Of(configuration).Read("A");
        var expected = configuration.GetSection("A").AsEnumerable().OrderBy(static pair => pair.Key, StringComparer.Ordinal);
        Assert.Equal(expected, read.GetSection("A").AsEnumerable().OrderBy(static pair => pair.Key, StringComparer.Ordinal));
    }

    /// <summary>A part of such a file is as valid as all of it.</summary>
    [Fact]
    public async Task Read_FileThatMayBeHalfWritten_RemovesSettingsOnceItIsAtRest()
    {
        _files.Write("rules.ini", "[A]\nx=1\ny=2\n");
        var (retained, provider) = Watch(new ConfigurationBuilder().AddIniFile(_files.GetPath("rules.ini")));
        _files.Write("rules.ini", "[A]\nx=1\n");
        provider.Load();
        Assert.Equal("2", retained.Read()["A:y"]);
        _files.Write("rules.ini", "[A]\n");
        provider.Load();
        Assert.Equal("2", retained.Read()["A:y"]);
        Assert.Equal("2", retained.Read()["A:y"]);
        await Settling.UntilAsync(() => retained.Read()["A:y"] is null, () => "the setting");
        Assert.Empty(retained.Unread);
    }

    /// <summary>More settings, and other values, are no reason to wait.</summary>
    [Fact]
    public void Read_FileThatChangesSettings_IsReadAtOnce()
    {
        _files.Write("rules.ini", "[A]\nx=1\n");
        var (retained, provider) = Watch(new ConfigurationBuilder().AddIniFile(_files.GetPath("rules.ini")));
        _files.Write("rules.ini", "[A]\nx=2\ny=2\n");
        provider.Load();
        Assert.Equal(("2", "2"), (retained.Read()["A:x"], retained.Read()["A:y"]));
    }

    /// <summary>The provider is empty while the application's handler runs, and has told of a change before.</summary>
    [Fact]
    public async Task Read_WhileTheHandlerOfAFailureRuns_KeepsTheSettings()
    {
        _files.Write("rules.json", """{ "A": { "x": "1" } }""");
        var handled = new TaskCompletionSource<string?[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        RetainedConfiguration? retained = null;
        var configuration = new ConfigurationBuilder()
            .AddJsonFile(source =>
            {
                source.Path = _files.GetPath("rules.json");
                source.ReloadOnChange = true;
                source.ReloadDelay = 0;
                source.ResolveFileProvider();
                source.OnLoadException = context =>
                {
                    handled.TrySetResult([retained!.Read()["A:x"], retained.Read()["A:x"]]);
                    context.Ignore = true;
                };
            })
            .Build();
        retained = RetainedConfiguration.Of(configuration);
        Assert.Equal("1", retained.Read("A")["A:x"]);
        _files.Write("new.json", """{ "A": { "x": "2" } }""");
        File.Move(_files.GetPath("new.json"), _files.GetPath("rules.json"), overwrite: true);
        await Settling.UntilAsync(() => configuration["A:x"] == "2", () => "not loaded");
        _files.Write("new.json", "{");
        File.Move(_files.GetPath("new.json"), _files.GetPath("rules.json"), overwrite: true);
        var read = await handled.Task.WaitAsync(RawConnection.Patience, TestContext.Current.CancellationToken);
        Assert.All(read, Assert.NotNull);
        Assert.NotNull(retained.Read()["A:x"]);
        (configuration as IDisposable)?.Dispose();
    }

    /// <summary>A section of another configuration is one provider, however many files it is read from.</summary>
    [Fact]
    public async Task Read_ChainedSectionThatLosesAPart_KeepsIt()
    {
        _files.Write("rules.json", """{ "Inner": { "A": { "x": "1" } } }""");
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var inner = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Inner:A:y"] = "1" })
            .AddJsonFile(source =>
            {
                source.Path = _files.GetPath("rules.json");
                source.ReloadOnChange = true;
                source.ReloadDelay = 0;
                source.ResolveFileProvider();
                source.OnLoadException = _ => failed.TrySetResult();
            })
            .Build();
        var configuration = new ConfigurationBuilder().AddConfiguration(inner.GetSection("Inner")).AddInMemoryCollection().Build();
        var retained = RetainedConfiguration.Of(configuration);
        Assert.Equal("1", retained.Read("A")["A:x"]);

        Replace("{");
        await failed.Task.WaitAsync(RawConnection.Patience, TestContext.Current.CancellationToken);
        Assert.Null(inner["Inner:A:x"]);
        configuration.Reload();
        Assert.Equal("1", retained.Read()["A:x"]);
        Assert.Single(retained.Unread);

        Replace("""{ "Inner": { "A": { "z": "2" } } }""");
        await Settling.UntilAsync(() => retained.Read()["A:z"] == "2", () => "not read again");
        Assert.Null(retained.Read()["A:x"]);
        Assert.Empty(retained.Unread);
        (inner as IDisposable)?.Dispose();

        void Replace(string content)
        {
            _files.Write("new.json", content);
            File.Move(_files.GetPath("new.json"), _files.GetPath("rules.json"), overwrite: true);
        }
    }

    /// <summary>The line may hold a password.</summary>
    [Fact]
    public void Read_FileThatCannotBeParsed_ReasonDoesNotQuoteIt()
    {
        _files.Write("rules.ini", "[A]\nx=1\n");
        var (retained, provider) = Watch(new ConfigurationBuilder().AddIniFile(_files.GetPath("rules.ini")));
        _files.Write("rules.ini", "[A]\nsecret without an equals sign\n");
        Assert.ThrowsAny<Exception>(provider.Load);
        Assert.Equal("1", retained.Read()["A:x"]);
        var unread = Assert.Single(retained.Unread);
        Assert.Equal($"The configuration file {_files.GetPath("rules.ini")} cannot be read: its content is malformed.", unread.ToString());

        _files.Write("rules.ini", "[A]\nx=2\n");
        provider.Load();
        Assert.Equal("2", retained.Read()["A:x"]);
        Assert.Empty(retained.Unread);
    }

    /// <summary>An application may have other files, and other troubles with them.</summary>
    [Fact]
    public void Read_FileWithoutTheSections_IsNotReported()
    {
        _files.Write("other.ini", "[Other]\nx=1\n");
        var (retained, provider) = Watch(new ConfigurationBuilder().AddIniFile(_files.GetPath("other.ini")));
        _files.Write("other.ini", "malformed");
        Assert.ThrowsAny<Exception>(provider.Load);
        retained.Read();
        Assert.Empty(retained.Unread);
    }

    [Fact]
    public void Find_SectionOfTheHost_IsFoundThere()
    {
        var host = Build(new() { ["Kestrel:x"] = "1" });
        var (found, path) = RetainedConfiguration.Find(host.GetSection("Kestrel"), host);
        Assert.Same(RetainedConfiguration.Of(host), found);
        Assert.Equal("Kestrel", path);
    }

    [Fact]
    public void Find_SectionOfAnotherConfiguration_KeepsItsPath()
    {
        var other = Build(new() { ["Kestrel:Endpoints:Web:Url"] = "1", ["Other"] = "2" });
        var (found, path) = RetainedConfiguration.Find(other.GetSection("Kestrel"), Build([]));
        Assert.Equal("Kestrel", path);
        Assert.Equal("1", found.Read("Kestrel:Endpoints")["Kestrel:Endpoints:Web:Url"]);
        other["Kestrel:Endpoints:Web:Url"] = "3";
        other.Reload();
        Assert.Equal("3", found.Read()["Kestrel:Endpoints:Web:Url"]);
    }

    [Fact]
    public void Read_ProviderThatComesLater_Counts()
    {
        using var configuration = new ConfigurationManager();
        configuration["A:x"] = "1";
        var retained = RetainedConfiguration.Of(configuration);
        Assert.Equal("1", retained.Read("A")["A:x"]);
        ((IConfigurationBuilder)configuration).Add(new MemoryConfigurationSource { InitialData = [new("A:x", "2")] });
        Assert.Equal("2", retained.Read()["A:x"]);
        configuration.Sources.RemoveAt(1);
        configuration["A:x"] = "3";
        ((IConfigurationRoot)configuration).Reload();
        Assert.Equal("3", retained.Read()["A:x"]);
    }

    private static IConfigurationRoot Build(Dictionary<string, string?> settings) => new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

    private static (RetainedConfiguration Retained, IConfigurationProvider Provider) Watch(IConfigurationBuilder builder)
    {
        var configuration = builder.Build();
        var retained = RetainedConfiguration.Of(configuration);
        retained.Read("A");
        return (retained, configuration.Providers.Single());
    }
}
