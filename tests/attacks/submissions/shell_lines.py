# rows: 32, 57
# what: shell lines and magics of a notebook
# forms: ipynb
# expect: graded 10
# honest: normalise, tally, pick, root
# output: not run here
!touch @folder@/open/started
!pip install evil
%pip install evil
%cd @folder@
files = !ls @folder@

# %%
%%bash
touch @folder@/open/started

# %%
%%writefile @folder@/open/started
written

# %%
%load_ext autoreload
%matplotlib inline
%time x = 1
%timeit -n 1 -r 1 pass
%run @folder@/program
