using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class CallerResourcesTests
{
    private static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly CallerResources _resources = new();

    [Fact]
    public void Answers_AreByResourceAndStatus()
    {
        _resources.AddRefused("/jobs", 426, isOffering: false, Now);
        _resources.AddRefused("/jobs", 403, isOffering: true, Now.AddSeconds(1));
        _resources.AddTolerated("/jobs", 101, isOffering: true, era: 0, Now);
        _resources.AddTolerated("", 307, isOffering: false, era: 0, Now);

        // Not because of clear text: nothing to count.
        _resources.AddRefused("/jobs", 421, isOffering: false, Now);
        var read = _resources.Read(era: 0);
        Assert.Equal(["/jobs", "(no route)"], read.Select(static row => row.Name));
        Assert.Equal((1, 1, 1), (read[0].Refused[426], read[0].Refused[403], read[0].Refused.GetOffering(403)));
        Assert.Equal((1, 1, 0), (read[0].WouldBe[101], read[0].WouldBe.GetOffering(101), read[0].WouldBe[426]));
        Assert.Equal((1, Now.AddSeconds(1)), (read[1].WouldBe[307], read[0].Refused.Last));
    }

    /// <summary>Under other settings the answer would be another.</summary>
    [Fact]
    public void WouldBe_IsOfTheEraOnly()
    {
        _resources.AddTolerated("/jobs", 403, isOffering: false, era: 0, Now);
        _resources.AddRefused("/jobs", 426, isOffering: false, Now);
        Assert.Equal((0, 1), (_resources.Read(era: 1)[0].WouldBe[403], _resources.Read(era: 1)[0].Refused[426]));
        Assert.Equal(1, _resources.Read(era: 0)[0].WouldBe[403]);
        _resources.AddTolerated("/jobs", 426, isOffering: false, era: 1, Now);
        Assert.Equal((0, 1), (_resources.Read(era: 1)[0].WouldBe[403], _resources.Read(era: 1)[0].WouldBe[426]));
    }

    [Fact]
    public void ManyResources_ShareARow()
    {
        for (var i = 0; i < 100; i++)
        {
            _resources.AddRefused($"/{i}", 426, isOffering: false, Now);
        }

        var read = _resources.Read(era: 0);
        Assert.Equal(CallerResources.Capacity + 1, read.Length);
        Assert.Equal(("(other resources)", 92), (read[^1].Name, read[^1].Refused[426]));
        _resources.AddRefused("/3", 426, isOffering: false, Now);
        Assert.Equal(2, _resources.Read(era: 0)[3].Refused[426]);
    }

    [Fact]
    public void Answers_ConcurrentOnes_AreAllCounted()
    {
        Parallel.For(0, 4000, i => _resources.AddTolerated($"/{i % 12}", 426, isOffering: false, era: 0, Now));
        Assert.Equal(4000, _resources.Read(era: 0).Sum(static row => row.WouldBe[426]));
    }
}
