using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

namespace KestrelTlsUpgrade.Tests.Settings;

public sealed class SettingsStateTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();
    private readonly IConfigurationRoot _configuration = new ConfigurationBuilder().AddInMemoryCollection().Build();
    private readonly SettingsSources _sources;
    private readonly DetachedWork _work = new();
    private readonly CertificateFiles _files;

    public SettingsStateTests()
    {
        _sources = new(_configuration.GetSection("TlsUpgrade"));
        _files = new(
            _work,
            new HostingEnvironment { ContentRootPath = _directory.FullName },
            new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance));
    }

    public void Dispose()
    {
        _work.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("TlsUpgrade:DirectTls", true)]
    [InlineData("TlsUpgrade:Sni:a.test:Protocols", true)]
    [InlineData("TlsUpgrade:Unknown", true)]
    [InlineData("Other:DirectTls", false)]
    public void Of_Setting_MakesADifference(string key, bool isRead)
    {
        var before = Of();
        _configuration[key] = "x";
        Assert.Equal(isRead, before != Of());
    }

    [Theory]
    [InlineData("TlsUpgrade:Certificate:Path")]
    [InlineData("TlsUpgrade:Certificate:KeyPath")]
    [InlineData("TlsUpgrade:Sni:a.test:Certificate:Path")]
    [InlineData("TlsUpgrade:Sni:*:Certificate:KeyPath")]
    public void Of_ContentOfFile_MakesADifference(string key)
    {
        _configuration[key] = "file";
        var states = new List<SettingsState> { Of() };
        foreach (var content in new[] { "", "a", "b", new string('c', 1 << 20) })
        {
            Write("file", content);
            states.Add(Of());
            Assert.Equal(states[^1], Of());
        }

        Assert.Equal(5, states.Distinct().Count());
    }

    /// <summary>A file that is far too long is not read through every second, but its renewal is noticed.</summary>
    [Fact]
    public void Of_VeryLongFile_GoesByLengthAndTime()
    {
        _configuration["TlsUpgrade:Certificate:Path"] = "file";
        Write("file", new string('c', (1 << 20) + 1));
        var before = Of();
        Assert.Equal(before, Of());
        File.SetLastWriteTimeUtc(Path.Combine(_directory.FullName, "file"), new DateTime(2030, 1, 1));
        Assert.NotEqual(before, Of());
    }

    [Fact]
    public void Of_Directory_IsNoError()
    {
        _configuration["TlsUpgrade:Certificate:Path"] = "directory";
        var before = Of();
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "directory"));
        Assert.Equal(before, Of());
    }

    /// <summary>What is cut in other places is not the same.</summary>
    [Fact]
    public void Of_SameBytesInOtherFiles_AreTold()
    {
        _configuration["TlsUpgrade:Certificate:Path"] = "first";
        _configuration["TlsUpgrade:Certificate:KeyPath"] = "second";
        Write("first", "ab");
        Write("second", "c");
        var before = Of();
        Write("first", "a");
        Write("second", "bc");
        Assert.NotEqual(before, Of());
    }

    [Fact]
    public void ToString_DoesNotGiveThePasswordAway()
    {
        _configuration["TlsUpgrade:Certificate:Password"] = "secret";
        Assert.DoesNotContain("secret", Of().ToString(), StringComparison.Ordinal);
    }

    private SettingsState Of()
    {
        _files.BeginLook();
        return SettingsState.Of(_sources, _files);
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_directory.FullName, name), content);
}
